"""A query's tokens as its parts: tabular operators between pipes, and the expressions in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from remediate.sandbox.kql import syntax
from remediate.sandbox.kql.errors import ParserFailure
from remediate.sandbox.kql.tokens import Token, tokenize

COMPARISONS = ("==", "!=", "=~", "!~", "<", "<=", ">", ">=")
TEXT_OPERATORS = tuple(
    name
    for positive in ("contains", "has", "startswith", "endswith")
    for name in (positive, f"!{positive}", f"{positive}_cs", f"!{positive}_cs")
)
MEMBERSHIP = ("in", "!in", "in~", "!in~")
CONSTANTS = {"true": True, "false": False}
RESERVED = frozenset(
    {"and", "or", "by", "asc", "desc", "nulls", "first", "last", "where", *MEMBERSHIP, *TEXT_OPERATORS}
)
"""Names that cannot stand for a column unless they are written `['name']`."""
UNDECLARABLE = frozenset({"kind"})
"""Names that can be used as they are, and must be written `['name']` where a column is given that name."""

Part = TypeVar("Part")


def parse(text: str) -> syntax.Query:
    """The parts of a query. Raises ParserFailure for what is not in this part of the language."""
    return _Parser(text).query()


class _Parser:
    """Recursive descent over the tokens; one method for each rule of the grammar."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokenize(text)
        self._position = 0
        self._operators: dict[str, Callable[[], syntax.Operator]] = {
            **dict.fromkeys(("where", "filter"), self._where),
            "project": lambda: syntax.Project(self._list(self._column)),
            "extend": lambda: syntax.Extend(self._list(self._column)),
            **dict.fromkeys(("mv-expand", "mvexpand"), self._expand),
            **dict.fromkeys(("order", "sort"), self._order_by),
            **dict.fromkeys(("take", "limit"), lambda: syntax.Take(self._whole_number())),
            "count": syntax.Count,
            "summarize": self._summarize,
            "distinct": self._distinct,
        }

    def query(self) -> syntax.Query:
        table = None
        if self._next.kind == "name" and self._next.text not in self._operators:
            table = self._name()
            if self._at_end():
                return syntax.Query(table, ())
            self._expect("|")
        operators = self._list(self._operator, "|")
        if not self._at_end():
            raise self._failure("the end of the query")
        return syntax.Query(table, operators)

    def _operator(self) -> syntax.Operator:
        if self._next.kind != "name" or self._next.text not in self._operators:
            raise self._failure("an operator")
        return self._operators[self._advance().text]()

    def _where(self) -> syntax.Where:
        return syntax.Where(self._expression())

    def _expand(self) -> syntax.Expand:
        column = self._column()
        return syntax.Expand(column, self._whole_number() if self._take("limit") else None)

    def _order_by(self) -> syntax.OrderBy:
        self._expect("by")
        return syntax.OrderBy(self._list(self._sort_key))

    def _sort_key(self) -> syntax.SortKey:
        expression = self._expression()
        descending = not self._take("asc")
        if descending:
            self._take("desc")
        nulls_first = None
        if self._take("nulls"):
            nulls_first = self._take("first")
            if not nulls_first:
                self._expect("last")
        return syntax.SortKey(expression, descending, nulls_first)

    def _summarize(self) -> syntax.Summarize:
        aggregates = () if self._next.text == "by" else self._list(self._column)
        return syntax.Summarize(aggregates, self._list(self._column) if self._take("by") else ())

    def _distinct(self) -> syntax.Distinct:
        return syntax.Distinct(self._list(self._name))

    def _column(self) -> syntax.Column:
        if not self._begins_a_name():
            return syntax.Column(None, self._expression())
        if self._next.text in UNDECLARABLE:
            raise self._failure("a name")
        name = self._name()
        self._expect("=")
        return syntax.Column(name, self._expression())

    def _begins_a_name(self) -> bool:
        """Whether `name =` or `['name'] =` comes next."""
        ahead = [token.text for token in self._tokens[self._position : self._position + 4]]
        return "=" in ahead[1:2] or ("=" in ahead[3:4] and ahead[0] == "[")

    def _expression(self) -> syntax.Expression:
        return self._logical("or", lambda: self._logical("and", self._comparison))

    def _logical(self, operator: str, part: Callable[[], syntax.Expression]) -> syntax.Expression:
        left = part()
        while self._take(operator):
            left = syntax.Logical(operator, left, part())
        return left

    def _comparison(self) -> syntax.Expression:
        left = self._postfixed()
        if self._next.kind not in ("name", "symbol"):
            return left
        if self._next.text in (*COMPARISONS, *TEXT_OPERATORS):
            return syntax.Comparison(self._advance().text, left, self._postfixed())
        if self._next.text in MEMBERSHIP:
            operator = self._advance().text
            return syntax.Membership(operator, left, self._parenthesized())
        return left

    def _parenthesized(self) -> tuple[syntax.Expression, ...]:
        self._expect("(")
        listed = self._list(self._expression)
        self._expect(")")
        return listed

    def _postfixed(self) -> syntax.Expression:
        expression = self._primary()
        while True:
            if self._take("."):
                expression = syntax.Member(expression, self._name())
            elif self._take("["):
                expression = self._bracketed(expression)
                self._expect("]")
            else:
                return expression

    def _bracketed(self, of: syntax.Expression) -> syntax.Expression:
        if self._next.kind == "string":
            return syntax.Member(of, str(self._advance().value))
        negative = self._take("-")
        index = self._whole_number()
        return syntax.Element(of, -index if negative else index)

    def _primary(self) -> syntax.Expression:
        token = self._next
        if token.kind in ("string", "long", "real", "timespan"):
            return syntax.Literal(self._advance().value, token.kind)
        if self._take("-"):
            return self._negative()
        if self._take("("):
            inner = self._expression()
            self._expect(")")
            return inner
        if token.kind == "name" and token.text in CONSTANTS:
            return syntax.Literal(CONSTANTS[self._advance().text], "bool")
        if token.kind == "name" and self._tokens[self._position + 1].text == "(":
            return self._call()
        return syntax.Name(self._name())

    def _negative(self) -> syntax.Literal:
        if self._next.kind not in ("long", "real"):
            raise self._failure("a number")
        token = self._advance()
        return syntax.Literal(-token.value, token.kind)

    def _call(self) -> syntax.Call:
        name = self._advance().text
        self._expect("(")
        if self._take(")"):
            return syntax.Call(name, ())
        arguments = self._list(self._expression)
        self._expect(")")
        return syntax.Call(name, arguments)

    def _name(self) -> str:
        """A name, or `['a name']` with any characters."""
        if self._take("["):
            if self._next.kind != "string":
                raise self._failure("a name in quotes")
            name = str(self._advance().value)
            self._expect("]")
            return name
        if self._next.kind != "name" or self._next.text in RESERVED or not self._next.text.isidentifier():
            raise self._failure("a name")
        return self._advance().text

    def _whole_number(self) -> int:
        if self._next.kind != "long":
            raise self._failure("a whole number")
        return int(self._advance().value)

    def _list(self, part: Callable[[], Part], separator: str = ",") -> tuple[Part, ...]:
        parts = [part()]
        while self._take(separator):
            parts.append(part())
        return tuple(parts)

    @property
    def _next(self) -> Token:
        return self._tokens[self._position]

    def _at_end(self) -> bool:
        return self._next.kind == "end"

    def _advance(self) -> Token:
        token = self._next
        self._position += 1
        return token

    def _take(self, text: str) -> bool:
        """Go past a keyword or symbol, if it is the next token."""
        if self._next.kind not in ("name", "symbol") or self._next.text != text:
            return False
        self._position += 1
        return True

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise self._failure(text)

    def _failure(self, expected: str) -> ParserFailure:
        return ParserFailure(self._text, self._next.offset, self._next.text, expected)

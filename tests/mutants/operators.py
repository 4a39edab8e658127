"""What a mutation can be: a choice of Cosmic Ray's operators, and four that it does not have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import parso
import parso.python.tree  # first, or the plugins of Cosmic Ray do not load
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator

Position = tuple[tuple[int, int], tuple[int, int]]
CHOSEN = (
    "AddNot",
    "ExceptionReplacer",
    "NumberReplacer",
    "ReplaceAndWithOr",
    "ReplaceBinaryOperator_Add_Sub",
    "ReplaceBinaryOperator_Div_Mul",
    "ReplaceBinaryOperator_Mul_Div",
    "ReplaceBinaryOperator_BitAnd_BitOr",
    "ReplaceBinaryOperator_Sub_Add",
    "ReplaceBreakWithContinue",
    "ReplaceComparisonOperator_Eq_NotEq",
    "ReplaceComparisonOperator_Gt_GtE",
    "ReplaceComparisonOperator_Gt_LtE",
    "ReplaceComparisonOperator_GtE_Gt",
    "ReplaceComparisonOperator_GtE_Lt",
    "ReplaceComparisonOperator_Is_IsNot",
    "ReplaceComparisonOperator_IsNot_Is",
    "ReplaceComparisonOperator_Lt_GtE",
    "ReplaceComparisonOperator_Lt_LtE",
    "ReplaceComparisonOperator_LtE_Gt",
    "ReplaceComparisonOperator_LtE_Lt",
    "ReplaceComparisonOperator_NotEq_Eq",
    "ReplaceContinueWithBreak",
    "ReplaceFalseWithTrue",
    "ReplaceOrWithAnd",
    "ReplaceTrueWithFalse",
    "ReplaceUnaryOperator_Delete_Not",
    "ZeroIterationForLoop",
)
"""Left out: what only breaks annotations (`|`), and what every test notices (a decorator removed)."""


class _Own(Operator):  # type: ignore[misc]
    """An operator with at most one mutation for each node."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if self.applies(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        return self.changed(node)

    def applies(self, node: Any) -> bool:
        raise NotImplementedError

    def changed(self, node: Any) -> Any:
        raise NotImplementedError

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()


class SkipStatement(_Own):
    """A call, a raise, or an assignment to something that is there already becomes `pass`.

    Without its first assignment every name is missed at once, so that would say little of the tests.
    """

    def applies(self, node: Any) -> bool:
        if node.parent is None or node.parent.type != "simple_stmt" or node.parent.children[0] is not node:
            return False
        function = node.search_ancestor("funcdef")
        if function is None or function.name.value == "__init__":
            return False
        called = node.type == "atom_expr" and node.children[-1].type == "trailer"
        assigned = node.type == "expr_stmt" and not set(".[").isdisjoint(node.children[0].get_code())
        return called or assigned or bool(node.type == "raise_stmt")

    def changed(self, node: Any) -> Any:
        return parso.parse(f"{node.get_first_leaf().prefix}pass")


class NegateFilter(_Own):
    """The condition of a comprehension is turned round."""

    def applies(self, node: Any) -> bool:
        return bool(node.type == "comp_if")

    def changed(self, node: Any) -> Any:
        condition = node.children[1].get_code().strip()
        node.children[1] = parso.parse(f" not ({condition})")
        return node


class TurnMembership(_Own):
    """`in` becomes `not in`, and the other way round."""

    def applies(self, node: Any) -> bool:
        return node.type == "comparison" and node.children[1].get_code().split() in (["in"], ["not", "in"])

    def changed(self, node: Any) -> Any:
        now = " in" if "not" in node.children[1].get_code() else " not in"
        node.children[1] = parso.parse(now)
        return node


class SwapQuantifier(_Own):
    """`any` becomes `all`, and the other way round."""

    def applies(self, node: Any) -> bool:
        return bool(node.type == "name" and node.value in ("any", "all"))

    def changed(self, node: Any) -> Any:
        node.value = "all" if node.value == "any" else "any"
        return node


OPERATORS: dict[str, Callable[[], Any]] = {
    **{name: get_operator(f"core/{name}") for name in CHOSEN},
    **{one.__name__: one for one in (SkipStatement, NegateFilter, TurnMembership, SwapQuantifier)},
}
"""Every operator by its name."""

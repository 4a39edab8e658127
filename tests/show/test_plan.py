from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from remediate.model import Request, Step
from remediate.show.plan import estimated_outage, print_dry_run, print_plan, restarts_of

from .samples import BILLING, LOCKED, MAIL, ORDERS, PLAYBOOK, STAGING, SUBNET, Page, app, page, planned

ALL = (ORDERS, STAGING, BILLING, MAIL)


def shown(what: object, width: int = 80) -> Page:
    result = page(width)
    print_plan(result.console, what, PLAYBOOK)  # type: ignore[arg-type]
    return result


def dry(what: object, width: int = 2000) -> Page:
    result = page(width)
    print_dry_run(result.console, what)  # type: ignore[arg-type]
    return result


def test_a_plan_tells_its_steps_in_order_with_how_long_each_waits() -> None:
    text = shown(planned()).text
    tells = [step.tell for step in planned().steps]
    assert [text.index(tell) for tell in tells] == sorted(text.index(tell) for tell in tells)
    assert "Waiting for the link to be removed (at most 15 min)" in text
    assert PLAYBOOK.impact in text


def test_one_app_alone_costs_two_restarts_and_one_disconnect_and_connect() -> None:
    assert estimated_outage(planned(), app()) == (10, 87)
    text = " ".join(shown(planned()).text.split())
    assert "orders-func 2 10 to 87 s" in text
    assert "estimates from recordings" in text


def test_the_first_app_of_many_is_down_while_the_others_are_disconnected() -> None:
    whole = planned(*ALL)
    assert estimated_outage(whole, app(ORDERS)) == (4 * 1 + 9, 4 * 53 + 34)
    assert estimated_outage(whole, app(MAIL)) == (1 + 4 * 9, 53 + 4 * 34)
    assert "4 apps, 8 restarts" in shown(whole).text


def test_only_the_waits_between_first_disconnect_and_last_reconnect_count() -> None:
    assert "at most 15 min here" in " ".join(shown(planned()).text.split())
    assert "at most 30 min here" in " ".join(shown(planned(*ALL)).text.split())


def test_an_app_that_is_only_connected_loses_no_network() -> None:
    whole = planned()
    only = replace(whole, steps=tuple(step for step in whole.steps if step.do != "disconnect"))
    assert estimated_outage(only, app()) is None
    assert restarts_of(only, app()) == 1
    text = " ".join(shown(only).text.split())
    assert "not disconnected" in text and "nothing is disconnected before. It restarts once" in text
    assert PLAYBOOK.impact not in text and PLAYBOOK.explain not in text
    assert "estimates" not in shown(only).text


def test_a_plan_that_disconnects_nobody_is_not_called_a_rebuild() -> None:
    whole = planned()
    only = replace(whole, steps=tuple(step for step in whole.steps if step.do != "disconnect"))
    assert shown(only).lines[0] == "Connect an app to a subnet"
    assert shown(whole).lines[0] == PLAYBOOK.title
    assert shown(planned(refusals=(LOCKED,))).lines[0] == PLAYBOOK.title


def test_an_app_that_is_connected_nowhere_is_already_without_network() -> None:
    nowhere = replace(app(), subnet=None)
    whole = replace(planned(), apps=(nowhere,))
    only = replace(whole, steps=tuple(step for step in whole.steps if step.do != "disconnect"))
    text = " ".join(shown(only).text.split())
    assert "orders-func 1 already, until it is connected" in text
    assert "not disconnected" not in text


def test_a_refused_plan_shows_why_and_what_to_do_and_no_steps() -> None:
    text = shown(planned(refusals=(LOCKED,))).text
    assert "✗ refused: nothing was changed" in text
    assert LOCKED.title in text
    assert f"→ {LOCKED.action}" in text
    assert "What will happen" not in text


@pytest.mark.parametrize("width", [80, 160])
def test_no_line_is_longer_than_the_terminal(width: int) -> None:
    for result in (shown(planned(*ALL), width), dry(planned(*ALL), width)):
        assert max(map(len, result.lines)) <= width
        assert "\x1b" not in result.text


def test_the_dry_run_shows_each_write_exactly_and_in_order() -> None:
    lines = [line.strip() for line in dry(planned(*ALL)).lines]
    sent = [line for line in lines if line.startswith(("DELETE ", "PATCH "))]
    assert sent == [f"{request.method} {request.path}" for request in planned(*ALL).writes]


def test_the_dry_run_shows_a_body_that_can_be_read_back() -> None:
    text = dry(planned()).text
    body = text[text.index("{") : text.index("only if")]
    assert json.loads(body) == {"properties": {"virtualNetworkSubnetId": SUBNET}}


def test_the_dry_run_marks_the_request_that_is_sent_only_after_a_refusal() -> None:
    lines = [line.strip() for line in dry(planned()).lines]
    put = next(number for number, line in enumerate(lines) if line.startswith("PUT "))
    assert lines[put - 1] == "only if Azure refuses the request above:"


def test_the_dry_run_shows_headers() -> None:
    step = Step(1, "delegate", SUBNET, "Delegating", Request("PUT", SUBNET, {"a": 1}, {"If-Match": 'W/"1"'}))
    assert 'If-Match: W/"1"' in dry(replace(planned(), steps=(step,))).text


def test_the_dry_run_of_a_plan_without_writes_says_so() -> None:
    assert "no write" in dry(replace(planned(), steps=())).text


def test_the_dry_run_of_a_refused_plan_shows_no_request() -> None:
    text = dry(planned(refusals=(LOCKED,))).text
    assert "refused" in text
    assert "DELETE" not in text


def test_a_step_that_is_about_an_app_names_it() -> None:
    whole = planned(*ALL)
    steps = tuple(replace(step, tell="Taking") for step in whole.steps if step.do == "disconnect")
    text = " ".join(shown(replace(whole, steps=steps)).text.split())
    assert "2 Taking: orders-func 3 Taking: orders-func/staging 4" in text


def test_the_dry_run_numbers_the_writes_and_says_whose_each_is() -> None:
    text = dry(planned(*ALL)).text
    assert " 3  disconnect billing-web\n" in text
    assert " 8  reconnect mail-web\n" in text

"""Small things to play with: forwards and backwards through 2-2-2 and its gradient check, held to PyTorch; a valley."""

import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from pieces import SCREENS, write_piece

from mnist_study.training import Momentum

TOYS = ["mnist-backprop", "mnist-check", "mnist-valley"]
MISTAKES = {"mask": "≥", "transpose": "transpose", "mean": "mean over the batch"}


@pytest.fixture
def open_piece(browser, tmp_path):
    contexts, complaints = [], []

    def start(toy="mnist-backprop", screen="desktop-light"):
        width, height, theme = SCREENS[screen]
        contexts.append(browser.new_context(viewport={"width": width, "height": height}))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(write_piece(tmp_path / "page.html", "toys", f'<div class="{toy}"></div>', theme, scripts=()))
        return page

    yield start
    for context in contexts:
        context.close()
    assert complaints == []


def words(page):
    return page.locator(".mnist-toy-words").inner_text()


def loss(page):
    return float(page.locator(".mnist-toy-outcome").inner_text().split("the loss is ")[1].rstrip("."))


def test_every_derivative_is_that_of_pytorch(open_piece):
    page, rng = open_piece(), np.random.default_rng(0)
    for _ in range(20):
        shapes = {"x": 2, "w1": (2, 2), "b1": 2, "w2": (2, 2), "b2": 2}
        state = {name: rng.normal(size=shape).tolist() for name, shape in shapes.items()}
        state["label"] = int(rng.integers(2))
        found = page.evaluate("state => MnistToys.compute(state)", state)
        made = {n: torch.tensor(state[n], dtype=torch.float64, requires_grad=True) for n in shapes}
        hidden = torch.relu(made["x"] @ made["w1"] + made["b1"])
        logits = hidden @ made["w2"] + made["b2"]
        cost = torch.nn.functional.cross_entropy(logits[None], torch.tensor([state["label"]]))
        cost.backward()
        assert found["loss"] == pytest.approx(cost.item(), rel=1e-9)
        for name, tensor in made.items():
            assert np.array(found[f"d{name}"]) == pytest.approx(tensor.grad.numpy(), abs=1e-12)
        after = page.evaluate("state => MnistToys.descend(state, 0.5)", state)
        assert np.array(after["w1"]) == pytest.approx((made["w1"] - 0.5 * made["w1"].grad).detach().numpy(), abs=1e-12)
        assert after["x"] == state["x"]


def test_each_part_is_reached_by_keyboard_and_says_what_it_is_made_of(open_piece):
    page = open_piece()
    parts = page.locator(".part")
    assert parts.count() == 14
    page.keyboard.press("Tab")
    said = []
    for _ in range(14):
        assert page.locator(".part:focus").get_attribute("aria-pressed") == "true"
        said.append(words(page))
        page.keyboard.press("Tab")
    assert len(set(said)) == 14
    page.locator('[data-part="w2-0-1"] .value').click()
    assert "what came in, 1.10, times the blame of what it feeds, −0.79: −0.87" in words(page)
    page.locator('[data-part="h-1"]').click()
    assert "0.00 + 1.00 · (−0.60) + 0.50 · 0.90 = −0.15; the ReLU makes it 0, and stops the blame" in words(page)
    assert "0.79 · (−0.30) + (−0.79) · 0.60 = −0.71" in words(page)
    page.locator('[data-part="w1-0-1"] .value').click()
    assert "(nothing: h₂ is silent): 0.00" in words(page)


def test_steps_lower_the_loss_inputs_and_answer_can_be_changed_and_all_taken_back(open_piece):
    page = open_piece()
    first = loss(page)
    for _ in range(5):
        before = loss(page)
        page.get_by_role("button", name="One step downhill").click()
        assert loss(page) < before
    assert page.locator(".mnist-toy-outcome").inner_text().startswith("5 steps.")
    page.get_by_label("right answer").select_option("z₁")
    assert loss(page) > 1
    page.get_by_label("input x₂").fill("2")
    assert page.locator('[data-part="x-1"] .value').text_content() == "2.00"
    page.locator('[data-part="h-1"]').click()
    assert "lets the blame pass back" in words(page)
    page.get_by_role("button", name="Reset").click()
    assert loss(page) == first


def test_the_batch_gradient_is_that_of_pytorch_and_the_check_agrees_until_a_mistake_is_made(open_piece):
    page = open_piece("mnist-check")
    start, examples = page.evaluate("[MnistToys.START, MnistToys.EXAMPLES]")
    asked = "wrong => MnistToys.backpropagated({...MnistToys.START, examples: MnistToys.EXAMPLES}, wrong)"
    found = page.evaluate(asked, {})
    made = {n: torch.tensor(start[n], dtype=torch.float64, requires_grad=True) for n in ("w1", "b1", "w2", "b2")}
    made["x"] = torch.tensor([one["x"] for one in examples], dtype=torch.float64, requires_grad=True)
    labels = torch.tensor([one["label"] for one in examples])
    hidden = torch.relu(made["x"] @ made["w1"] + made["b1"])
    torch.nn.functional.cross_entropy(hidden @ made["w2"] + made["b2"], labels).backward()
    for name, tensor in made.items():
        assert found[name] == pytest.approx(tensor.grad.flatten().tolist(), abs=1e-12)
    for mistake in MISTAKES:
        assert page.evaluate(asked, {mistake: True}) != found


def test_mistakes_are_caught_where_they_were_made(open_piece):
    page = open_piece("mnist-check")
    outcome = page.locator(".mnist-toy-outcome")
    assert outcome.inner_text().startswith("With h = 10⁻⁵ the check passes")
    for mistake, fails in {"mask": "W₁, b₁, x", "transpose": "W₁, b₁, x", "mean": "W₂, b₂, W₁, b₁, x"}.items():
        page.get_by_label(MISTAKES[mistake]).check()
        assert outcome.inner_text() == f"With h = 10⁻⁵ the check fails: {fails} do not agree with the nudges."
        assert page.locator(".mnist-check .bar.bad").count() == fails.count(",") + 1
        first = "look there first" if mistake == "mean" else "W₁ is the first that does not"
        assert first in words(page)
        page.get_by_label(MISTAKES[mistake]).uncheck()
    for exponent, blamed in {-1: "no straight line", -12: "rounding"}.items():
        page.get_by_role("slider").fill(str(exponent))
        assert blamed in words(page)
        assert "Nobody made a mistake" in words(page)
    page.get_by_role("slider").fill("-5")
    assert outcome.inner_text().startswith("With h = 10⁻⁵ the check passes")


def test_the_walk_is_that_of_the_studys_optimiser(open_piece):
    page = open_piece("mnist-valley")
    for rate, momentum in [(0.2, 0.0), (0.45, 0.9), (0.6, 0.0), (1.0, 0.5)]:
        found = page.evaluate("([r, m]) => MnistToys.walk([4, 0.05], [1.6, -9], r, m, 30)", [rate, momentum])
        rule, at, places = Momentum(momentum), np.array([1.6, -9.0]), [[1.6, -9.0]]
        rule.start(at)
        for _ in range(30):
            rule.update(at, np.array([4, 0.05]) * at, rate)
            places.append(at.tolist())
        assert np.array(found) == pytest.approx(np.array(places), rel=1e-9)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_the_limit_that_is_named_is_where_the_descent_begins_to_fail(open_piece, momentum):
    page = open_piece("mnist-valley")
    page.get_by_role("slider", name="momentum").fill(str(momentum))
    for rate, said, ends in [(0.9, "below", 0), (1.1, "above", 1)]:
        rate = round(rate * 2 * (1 + momentum) / 4, 2)
        page.get_by_role("slider", name="learning rate").fill(str(rate))
        assert f"this rate is {said} that." in words(page)
        steps = page.evaluate(
            "([r, m]) => MnistToys.walk([4, 0.05], [1, 0], r, m, 400).map((one) => Math.abs(one[0]))", [rate, momentum]
        )
        assert (max(steps[-40:]) > 1) == bool(ends)
    assert page.locator(".mnist-valley .dots circle").count() >= 2


def test_a_loss_that_grows_is_so_many_times_what_it_was_and_a_limit_is_not_rounded_to_the_rate(open_piece):
    page = open_piece("mnist-valley")
    rate, momentum = page.get_by_role("slider", name="learning rate"), page.get_by_role("slider", name="momentum")
    momentum.fill("0.95")
    for there, said in {"0.97": "below", "0.98": "above"}.items():
        rate.fill(there)
        assert f"2 (1 + 0.95) / c = 0.975: this rate is {said} that." in words(page)
    momentum.fill("0")
    rate.fill("0.52")
    outcome = page.locator(".mnist-toy-outcome")
    across, along = 1.6 * (1 - 4 * 0.52) ** 60, 9 * (1 - 0.05 * 0.52) ** 60
    share = (4 * across**2 + 0.05 * along**2) / (4 * 1.6**2 + 0.05 * 9**2)
    assert outcome.inner_text().endswith(f"the loss is {share:.1f} times what it was.")
    rate.fill("0.45")
    assert outcome.inner_text().endswith("% of what it was.")


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("toy", TOYS)
def test_nothing_is_wider_than_the_screen_and_all_has_a_name(open_piece, toy, screen):
    page = open_piece(toy, screen)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    violations = Axe().run(page, f".{toy}", {"preload": False}).response["violations"]
    assert [(one["id"], node["html"][:120]) for one in violations for node in one["nodes"]] == []

"""Forwards and backwards through 2-2-2: the numbers are PyTorch's, and each can be chosen and is explained."""

import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from pieces import SCREENS, write_piece

BODY = '<div class="mnist-backprop"></div>'


@pytest.fixture
def open_piece(browser, tmp_path):
    contexts, complaints = [], []

    def start(screen="desktop-light"):
        width, height, theme = SCREENS[screen]
        contexts.append(browser.new_context(viewport={"width": width, "height": height}))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(write_piece(tmp_path / "page.html", "backprop", BODY, theme, scripts=()))
        return page

    yield start
    for context in contexts:
        context.close()
    assert complaints == []


def words(page):
    return page.locator(".mnist-backprop-words").inner_text()


def loss(page):
    return float(page.locator(".mnist-backprop-outcome").inner_text().split("the loss is ")[1].rstrip("."))


def test_every_derivative_is_that_of_pytorch(open_piece):
    page, rng = open_piece(), np.random.default_rng(0)
    for _ in range(20):
        shapes = {"x": 2, "w1": (2, 2), "b1": 2, "w2": (2, 2), "b2": 2}
        state = {name: rng.normal(size=shape).tolist() for name, shape in shapes.items()}
        state["label"] = int(rng.integers(2))
        found = page.evaluate("state => MnistBackprop.compute(state)", state)
        made = {n: torch.tensor(state[n], dtype=torch.float64, requires_grad=True) for n in shapes}
        hidden = torch.relu(made["x"] @ made["w1"] + made["b1"])
        logits = hidden @ made["w2"] + made["b2"]
        cost = torch.nn.functional.cross_entropy(logits[None], torch.tensor([state["label"]]))
        cost.backward()
        assert found["loss"] == pytest.approx(cost.item(), rel=1e-9)
        for name, tensor in made.items():
            assert np.array(found[f"d{name}"]) == pytest.approx(tensor.grad.numpy(), abs=1e-12)
        after = page.evaluate("state => MnistBackprop.descend(state, 0.5)", state)
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
    assert "the ReLU makes it 0, and stops the blame" in words(page)
    page.locator('[data-part="w1-0-1"] .value').click()
    assert "(nothing: h₂ is silent): 0.00" in words(page)


def test_steps_lower_the_loss_inputs_and_answer_can_be_changed_and_all_taken_back(open_piece):
    page = open_piece()
    first = loss(page)
    for _ in range(5):
        before = loss(page)
        page.get_by_role("button", name="One step downhill").click()
        assert loss(page) < before
    assert page.locator(".mnist-backprop-outcome").inner_text().startswith("5 steps.")
    page.get_by_label("right answer").select_option("z₁")
    assert loss(page) > 1
    page.get_by_label("input x₂").fill("2")
    assert page.locator('[data-part="x-1"] .value').text_content() == "2.00"
    page.locator('[data-part="h-1"]').click()
    assert "lets the blame pass back" in words(page)
    page.get_by_role("button", name="Reset").click()
    assert loss(page) == first


@pytest.mark.parametrize("screen", SCREENS)
def test_nothing_is_wider_than_the_screen_and_all_has_a_name(open_piece, screen):
    page = open_piece(screen)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    violations = Axe().run(page, ".mnist-backprop", {"preload": False}).response["violations"]
    assert [(one["id"], node["html"][:120]) for one in violations for node in one["nodes"]] == []

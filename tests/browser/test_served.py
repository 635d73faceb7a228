"""The built book behind a plain web server, in a folder of its site, as GitHub Pages has it; and its zip."""

import functools
import hashlib
import subprocess
import sys
import threading
import zipfile
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pdf
import pytest
from pypdf import PdfReader
from test_pages import PAGES

WAIT = 60_000


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address(html, tmp_path_factory):
    site = tmp_path_factory.mktemp("site")
    (site / "some").mkdir()
    (site / "some" / "book").symlink_to(html, target_is_directory=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/some/book"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser):
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(WAIT)
    page.failed = []
    page.on("response", lambda answer: page.failed.append(answer.url) if answer.status >= 400 else None)
    page.on("pageerror", lambda error: page.failed.append(str(error)))
    yield page
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_every_link_and_script_of_a_page_is_there(page, address, name):
    page.goto(f"{address}/{name}.html", wait_until="networkidle")
    links = page.locator("a[href], link[href]").evaluate_all("all => all.map(one => one.href)")
    inside = {link.partition("#")[0].partition("?")[0] for link in links if link.startswith(address)}
    assert inside
    missing = [link for link in sorted(inside) if page.request.head(link).status != 200]
    assert missing == []
    assert page.failed == []


def test_pad_and_trainer_work_there(page, address):
    page.goto(f"{address}/book/train.html")
    panel = page.locator(".mnist-train")
    panel.get_by_role("button", name="One step").click()
    page.wait_for_function("() => document.querySelector('.mnist-train').dataset.steps == 1")
    page.locator(".mnist-pad").scroll_into_view_if_needed()  # it comes to life when it comes near
    pad = page.locator("[data-pad]")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.8, steps=6)
    page.mouse.up()
    page.get_by_text("Your network reads your drawing as a").wait_for()
    page.locator(".mnist-pad").get_by_text("They agree: 1").wait_for()
    assert page.failed == []


def test_the_zip_opens_offline_and_is_what_its_checksum_says(browser, html, tmp_path):
    packed = html.parent / "mnist-study.zip"
    digest, name = packed.with_name("mnist-study.zip.sha256").read_text().split()
    assert (name, digest) == (packed.name, hashlib.sha256(packed.read_bytes()).hexdigest())
    with zipfile.ZipFile(packed) as book:
        book.extractall(tmp_path)
    unpacked = tmp_path / "mnist-study"
    inside, built = ({path.relative_to(top) for path in top.rglob("*") if path.is_file()} for top in (unpacked, html))
    assert inside == built
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto((unpacked / "index.html").as_uri())
    page.get_by_role("heading", name="MNIST Study").first.wait_for(timeout=WAIT)
    context.close()


def test_a_page_is_printed(html, tmp_path):
    assert html == pdf.HTML
    names = [path.relative_to(html).with_suffix("").as_posix() for path in pdf.pages()]
    assert names == [name for name in PAGES if name != pdf.NOT_PRINTED]
    one = (
        f"pdf.pages = lambda: [pdf.HTML / 'notebooks' / '02_softmax.html']; pdf.main(Path({str(tmp_path / 'a.pdf')!r}))"
    )
    code = f"from pathlib import Path; import pdf; {one}"  # in a process of its own: Playwright runs once in each
    subprocess.run([sys.executable, "-c", code], cwd=html.parents[1] / "book", check=True, capture_output=True)
    printed = PdfReader(tmp_path / "a.pdf")
    assert [entry.title for entry in printed.outline] == ["2. Softmax regression: how far does one layer get?"]
    words = "".join(page.extract_text() for page in printed.pages)
    assert "What is still wrong" in words
    assert "Your prediction." in words
    assert "Save my answers" not in words
    assert sum(len(page.images) for page in printed.pages) >= 5

"""Pages with one piece of the book's on them, as its chapters have them."""

from test_page_pad import PAD, SCRIPTS

SCREENS = {"desktop-light": (1300, 900, "light"), "phone-dark": (390, 800, "dark")}
DARK = """html[data-theme=dark] {background: #14181e; --pst-color-text-base: #ced6dd; --pst-color-text-muted: #9ca4af;
    --pst-color-surface: #29313d; --pst-color-background: #14181e; --pst-color-primary: #3fb1c5;
    --pst-color-border: #48566b}"""  # the book's


def write_piece(path, name, body, theme="light", scripts=SCRIPTS, before=()):
    """A page with the piece ``name``, its styles and the pad's; ``scripts`` are those of the pad that it loads, and
    ``before`` its own that come before the one of its name."""
    styles = [PAD.parent / name / f"{name}.css", PAD / "pad.css"]
    links = "".join(f'<link rel="stylesheet" href="{file.as_uri()}">' for file in styles)
    files = [
        *(PAD / script for script in (*scripts, "digits.js")),
        *(PAD.parent / name / script for script in (*before, f"{name}.js")),
    ]
    defer = "".join(f'<script defer src="{file.as_uri()}"></script>' for file in files)
    path.write_text(
        f'<!doctype html><html lang="en" data-theme="{theme}"><meta charset="utf-8"><title>{name}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{DARK}</style>{links}<main>{body}</main>{defer}'
    )
    return path.as_uri()

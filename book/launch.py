"""Colab and Binder are offered only where the repository has an address; without one the theme fails over them."""


def drop_without_address(app, config):
    if not config.html_theme_options.get("repository_url"):
        config.html_theme_options.pop("launch_buttons", None)


def setup(app):
    app.connect("config-inited", drop_without_address)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

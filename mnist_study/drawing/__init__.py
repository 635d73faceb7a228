"""The drawing room: strokes become an image, the image a guess; in a notebook, as an app, and in the published page."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

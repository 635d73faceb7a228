from .engine import Engine as Engine
from .jax_engine import JAXEngine as JAXEngine
from .numpy_engine import NumPyEngine as NumPyEngine
from .torch_engine import TorchEngine as TorchEngine

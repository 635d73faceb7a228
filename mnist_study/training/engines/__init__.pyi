from .engine import Engine as Engine
from .jax_engine import JAXEngine as JAXEngine
from .numpy_engine import NumPyEngine as NumPyEngine
from .stacked_engine import StackedEngine as StackedEngine
from .torch_engine import TorchEngine as TorchEngine

from .guesses import guess as guess
from .guesses import variants as variants
from .hand import OwnDigits as OwnDigits
from .inside import look_inside as look_inside
from .pad import Pad as Pad
from .switch import PadSwitch as PadSwitch
from .walk import ConvolutionWalk as ConvolutionWalk

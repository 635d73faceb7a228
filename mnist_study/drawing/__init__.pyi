from .changes import drag_a_digit as drag_a_digit
from .guesses import guess as guess
from .guesses import variants as variants
from .hand import OwnDigits as OwnDigits
from .pad import Pad as Pad
from .switch import PadSwitch as PadSwitch
from .walk import ConvolutionWalk as ConvolutionWalk

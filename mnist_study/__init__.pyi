from .analysis import analyse as analyse
from .data import DataError as DataError
from .data import Digits as Digits
from .data import StudyError as StudyError
from .data import load_mnist as load_mnist
from .data import load_two_digit as load_two_digit
from .models import load_model as load_model
from .models import model_names as model_names
from .training import MLPClassifier as MLPClassifier
from .training import SoftmaxRegression as SoftmaxRegression
from .training import sweep as sweep
from .training import train as train

__version__: str

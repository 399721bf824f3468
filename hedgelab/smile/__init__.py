from hedgelab.smile.sabr import SABR
from hedgelab.smile.svi import SVI

from hedgelab.smile.sabr import SABR
from hedgelab.smile.ssvi import SSVI
from hedgelab.smile.surfaces import Surface
from hedgelab.smile.svi import SVI

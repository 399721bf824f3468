"""What takes long to import waits until it is needed: the figures, tables, processes, splines."""

import subprocess
import sys

LATER = ["matplotlib", "pandas", "joblib", "scipy.ndimage", "scipy.stats", "IPython", "ipywidgets"]


def test_importing_hedgelab_imports_little_else():
    asked = f"import sys, hedgelab; print([name for name in {LATER} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"

"""python bench/scaling/simulator [trace ...]: exits with 1 if the scaler misses a limit."""

import sys

from report import main

sys.exit(main(sys.argv[1:]))

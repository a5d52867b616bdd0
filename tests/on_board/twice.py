"""What becomes of an accelerator when another overlay is loaded: ``twice.py PACKAGE`` loads one twice."""

import sys

from codesign_board import Accelerator
from codesign_board.errors import PlaceError

package = sys.argv[1]
first = Accelerator.load(package)
first.selftest(3).raise_for_mismatch()
second = Accelerator.load(package)
for use in (lambda: first.selftest(3), first.reset):
    try:
        use()
    except PlaceError as error:
        print(error)
second.selftest(3).raise_for_mismatch()
first.close()
second.selftest(3).raise_for_mismatch()
second.close()
print("closed")

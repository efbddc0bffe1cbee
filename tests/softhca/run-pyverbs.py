#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# run-pyverbs.py SOURCE: runs rdma-core's own tests of SOURCE/tests on mlx5_0, each with random numbers that are the same in
# each run; prints a line for each, NAME pass|skip|fail, and what it says to stderr. Run by Debian's Python, which has
# its pyverbs.
import ctypes
import gc
import os
import random
import sys
import unittest

# What the tests draw by it: no flag of creation that the device of ours does not have.
SEED = 11


def name_of(test):
    # A failure of a set-up is of a class: "setUpClass (tests.test_x.Class)".
    return test.id().removeprefix('tests.').replace(' ', '_')


class Result(unittest.TestResult):
    def startTest(self, test):
        super().startTest(test)
        random.seed(f'{SEED} {name_of(test)}')

    def tell(self, test, outcome, why=''):
        print(name_of(test), outcome, flush=True)
        if why:
            print(f'{name_of(test)}: {why}', file=sys.stderr, flush=True)

    def addSuccess(self, test):
        self.tell(test, 'pass')

    def addSkip(self, test, reason):
        self.tell(test, 'skip', reason)

    def addFailure(self, test, err):
        self.tell(test, 'fail', self._exc_info_to_string(err, test))

    def addError(self, test, err):
        self.tell(test, 'fail', self._exc_info_to_string(err, test))

    # It is called for each subtest that fails, and addSuccess() is not called then.
    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.tell(test, 'fail', self._exc_info_to_string(err, test))


# The collector of Python 3.13 empties an object's set of what depends on it before the object closes that, which outlives it then.
gc.disable()
os.chdir(sys.argv[1])
sys.path[:0] = [os.getcwd(), os.path.join(os.getcwd(), 'tests')]
sys.argv[1:] = ['--dev', 'mlx5_0']
import tests.base  # noqa: E402
from args_parser import parser  # noqa: E402

# Newer ones ask the kernel for it, by "rdma link", which knows nothing of our device.
tests.base.RDMATestCase.get_net_name = staticmethod(lambda dev, port=None: None)

parser.parse_args()
tests.load_tests(unittest.TestLoader(), unittest.TestSuite(), None).run(Result())
# Python's own end would collect too. That of the library says by the status whether a rule was broken.
ctypes.CDLL(None).exit(0)

"""Arrow's arrays made of their buffers are those that pyarrow makes."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from jstock_core.research.processes.columns import list_column, number_column, text_column


def test_columns_are_those_of_pyarrow():
    texts = ["", "7203", "トヨタ自動車", "é" * 300]
    assert text_column(texts).equals(pa.array(texts, pa.string()))
    assert text_column([]).equals(pa.array([], pa.string()))
    numbers = np.arange(20.0)[::2]
    assert number_column(numbers).equals(pa.array(numbers.tolist(), pa.float64()))
    known = numbers > 4
    expected = [x if there else None for x, there in zip(numbers.tolist(), known.tolist(), strict=True)]
    assert number_column(numbers, known).equals(pa.array(expected, pa.float64()))


@pytest.mark.parametrize("lists", [[], [[]], [[1.0, float("-inf")]], [[], [2.0], [], [3.0, 4.0]]])
def test_lists_are_those_of_pyarrow(lists):
    made = list_column([np.array(each, dtype=np.float64) for each in lists])
    assert made.equals(pa.array(lists, pa.large_list(pa.float64())))
    made.validate(full=True)


def test_what_travels_needs_no_pandas(tmp_path):
    """Neither writing values and shards nor reading them imports it: a worker would start later."""
    code = (
        "import sys, numpy as np\n"
        "from jstock_core.research.processes.packing import pack_values, unpack_values\n"
        "from jstock_core.research.sweep.shards import Shards\n"
        "from jstock_core.research.sweep.task import FIGURES, SetResult\n"
        "from pathlib import Path\n"
        "unpack_values(pack_values((1, 'a', np.arange(3.0))))\n"
        "shards = Shards(Path(sys.argv[1]))\n"
        "shards.add([SetResult('a', figures=dict.fromkeys(FIGURES, 1.0), returns=np.ones(3))])\n"
        "shards.read(['a'])['a'].returns.tolist() == [1.0, 1.0, 1.0] or sys.exit('read otherwise')\n"
        "sys.exit('pandas' in sys.modules and 'pandas was imported')\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

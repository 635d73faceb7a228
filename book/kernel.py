"""The matrix product of the page's trainer as WebAssembly: its text, made by loops, and the bytes of it."""

import wasmtime

ROWS, LANES, VECTORS = 4, 4, 4  # a block of 4 rows and 4 vectors of 4 numbers: 16 sums that stay in registers


def text():
    """c += a b, as ``Heap.multiply`` of ``_static/train/engine.js`` says it; strides of a in bytes."""
    width = LANES * VECTORS * 4  # bytes of a block's row
    sums = [[f"$c{row}{vector}" for vector in range(VECTORS)] for row in range(ROWS)]
    blocks = [(row, vector) for row in range(ROWS) for vector in range(VECTORS)]
    row_at = ["(local.get $to)"]
    for _ in range(1, ROWS):
        row_at.append(f"(i32.add {row_at[-1]} (local.get $line))")
    factor_at = ["(local.get $x)"]
    for _ in range(1, ROWS):
        factor_at.append(f"(i32.add {factor_at[-1]} (local.get $down))")
    begin = [f"(local.set {sums[r][v]} (v128.load offset={16 * v} {row_at[r]}))" for r, v in blocks]
    end = [f"(v128.store offset={16 * v} {row_at[r]} (local.get {sums[r][v]}))" for r, v in blocks]
    load = [f"(local.set $b{v} (v128.load offset={16 * v} (local.get $y)))" for v in range(VECTORS)]
    work = []
    for row in range(ROWS):
        work.append(f"(local.set $factor (v128.load32_splat {factor_at[row]}))")
        for vector in range(VECTORS):
            one = f"(f32x4.mul (local.get $factor) (local.get $b{vector}))"
            work.append(f"(local.set {sums[row][vector]} (f32x4.add (local.get {sums[row][vector]}) {one}))")
    vectors = ["$factor", *(f"$b{v}" for v in range(VECTORS)), *(name for row in sums for name in row)]
    local = " ".join(f"(local {name} v128)" for name in vectors)
    newline = "\n            "
    return f"""(module
  (import "page" "memory" (memory 1))
  (func (export "product")
    (param $a i32) (param $down i32) (param $along i32) (param $b i32) (param $c i32)
    (param $rows i32) (param $columns i32) (param $inner i32)
    (local $line i32) (local $column i32) (local $row i32) (local $left i32)
    (local $from i32) (local $to i32) (local $x i32) (local $y i32)
    {local}
    (local.set $line (i32.shl (local.get $columns) (i32.const 2)))
    (loop $next_columns
      (local.set $row (i32.const 0))
      (local.set $from (local.get $a))
      (local.set $to (i32.add (local.get $c) (local.get $column)))
      (loop $next_rows
        {newline.join(begin)}
        (local.set $x (local.get $from))
        (local.set $y (i32.add (local.get $b) (local.get $column)))
        (local.set $left (local.get $inner))
        (loop $next_product
            {newline.join([*load, *work])}
          (local.set $x (i32.add (local.get $x) (local.get $along)))
          (local.set $y (i32.add (local.get $y) (local.get $line)))
          (br_if $next_product (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
        {newline.join(end)}
        (local.set $from (i32.add (local.get $from) (i32.mul (local.get $down) (i32.const {ROWS}))))
        (local.set $to (i32.add (local.get $to) (i32.mul (local.get $line) (i32.const {ROWS}))))
        (br_if $next_rows
          (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const {ROWS}))) (local.get $rows))))
      (br_if $next_columns
        (i32.lt_u
          (local.tee $column (i32.add (local.get $column) (i32.const {width})))
          (local.get $line)))))
)"""


def program():
    """The kernel's bytes."""
    return bytes(wasmtime.wat2wasm(text()))

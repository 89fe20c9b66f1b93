package onnx

import (
	"math"
	"slices"
)

// fold evaluates a node whose inputs are all constant integers, and returns nil where it does not know how. PyTorch
// exports the padding of nn.functional.pad as such nodes: its own order, filled up with zeros, reshaped to pairs,
// reversed and transposed.
func (w *walker) fold(n node) *tensor {
	var in []tensor
	for _, name := range n.inputs {
		t, ok := w.m.tensors[name]
		if !ok || t.ints == nil || len(t.ints) > maxPerNode {
			return nil
		}
		in = append(in, t)
	}
	if len(in) == 0 {
		return nil
	}
	out := tensor{ints: slices.Clone(in[0].ints)}
	out.Name, out.Shape = n.outputs[0], in[0].Shape
	pairs := len(out.Shape) == 2 && out.Shape[0]*out.Shape[1] == len(out.ints)
	switch n.op {
	case "Cast": // between whole numbers
	case "ConstantOfShape":
		if len(out.ints) != 1 || out.ints[0] < 0 || out.ints[0] > maxPerNode {
			return nil
		}
		fill := int64(0)
		if a, ok := n.attributes["value"]; ok && a.tensor != nil {
			if len(a.tensor.ints) != 1 {
				return nil
			}
			fill = a.tensor.ints[0]
		}
		out.ints = slices.Repeat([]int64{fill}, int(out.ints[0]))
		out.Shape = []int{len(out.ints)}
	case "Concat":
		for _, t := range in[1:] {
			out.ints = append(out.ints, t.ints...)
		}
		if len(out.ints) > maxPerNode || len(out.Shape) != 1 {
			return nil
		}
		out.Shape = []int{len(out.ints)}
	case "Reshape":
		switch {
		case len(in) == 2 && slices.Equal(in[1].ints, []int64{-1, 2}) && len(out.ints)%2 == 0:
			out.Shape = []int{len(out.ints) / 2, 2}
		case len(in) == 2 && slices.Equal(in[1].ints, []int64{-1}):
			out.Shape = []int{len(out.ints)}
		default:
			return nil
		}
	case "Slice": // the rows in reverse
		reverse := len(in) == 5 && slices.Equal(in[1].ints, []int64{-1}) && len(in[2].ints) == 1 &&
			in[2].ints[0] <= math.MinInt32 &&
			slices.Equal(in[3].ints, []int64{0}) && slices.Equal(in[4].ints, []int64{-1})
		if !reverse || !pairs {
			return nil
		}
		rows := slices.Collect(slices.Chunk(out.ints, out.Shape[1]))
		slices.Reverse(rows)
		out.ints = slices.Concat(rows...)
	case "Transpose":
		if !pairs || !slices.Equal(n.attributes["perm"].ints, []int64{1, 0}) {
			return nil
		}
		rows, columns := out.Shape[0], out.Shape[1]
		for i := range out.ints {
			out.ints[i] = in[0].ints[i%rows*columns+i/rows]
		}
		out.Shape = []int{columns, rows}
	default:
		return nil
	}
	return &out
}

package onnx

import (
	"fmt"
	"math"
	"slices"
)

// branch is one of the two branches of a block.
type branch struct {
	convs   []convolution
	strided bool // slices take every second pixel of every second row
	padded  int  // number of channels of zeros that are added
	before  int  // how many of these come before the others
	end     string
}

// branch follows the nodes from n, which reads x, to where the branches meet.
func (w *walker) branch(x string, n node) (branch, error) {
	y := branch{end: x}
	var sliced []int64 // the axes that are sliced with a step of 2
	for {
		var err error
		switch n.op {
		case "Conv":
			var c convolution
			if c, y.end, err = w.convNorm(n); err != nil {
				return y, err
			}
			if k := len(y.convs); k > 0 && !y.convs[k-1].relu {
				return y, fmt.Errorf("onnx: no ReLU stands before %v", n)
			}
			y.end, c.relu = w.relu(y.end)
			y.convs = append(y.convs, c)
		case "Slice":
			if sliced, err = w.slice(n, sliced); err != nil {
				return y, err
			}
			y.end = n.outputs[0]
		case "Pad":
			if y.before, y.padded, err = w.pad(n); err != nil {
				return y, err
			}
			y.end = n.outputs[0]
		default:
			return y, y.check(sliced)
		}
		uses := w.uses[y.end]
		if len(uses) != 1 {
			return y, y.check(sliced)
		}
		n = uses[0]
	}
}

func (y *branch) check(sliced []int64) error {
	if k := len(y.convs); k > 0 && y.convs[k-1].relu {
		return fmt.Errorf("onnx: a ReLU follows %v, the last convolution of its branch", y.convs[k-1].at)
	}
	slices.Sort(sliced)
	y.strided = slices.Equal(sliced, []int64{2, 3})
	if len(sliced) > 0 && !y.strided {
		return fmt.Errorf("onnx: the slices before %.80q take every second index of the axes %v; that of 2 and 3 "+
			"is known", y.end, sliced)
	}
	return nil
}

// slice checks that a node takes every second row, column or both, and appends its axes to sliced.
func (w *walker) slice(n node, sliced []int64) ([]int64, error) {
	lists := [4][]int64{}
	for i, name := range []string{"starts", "ends", "axes", "steps"} {
		var err error
		if lists[i], err = w.ints(n, name, i+1); err != nil {
			return nil, err
		}
	}
	starts, ends, axes, steps := lists[0], lists[1], lists[2], lists[3]
	if len(axes) == 0 || len(axes) > 4 || len(starts) != len(axes) || len(ends) != len(axes) ||
		len(steps) != len(axes) {
		return nil, fmt.Errorf("onnx: %v is no slice with axes and steps", n)
	}
	for i, axis := range axes {
		whole := starts[i] == 0 && ends[i] >= math.MaxInt32
		switch {
		case whole && steps[i] == 1:
		case whole && steps[i] == 2 && (axis == 2 || axis == 3):
			sliced = append(sliced, axis)
		default:
			return nil, fmt.Errorf("onnx: %v takes %d:%d:%d of axis %d; a shortcut takes every second row and column",
				n, starts[i], ends[i], steps[i], axis)
		}
	}
	return sliced, nil
}

// pad returns how many channels of zeros a node adds before the others, and in all.
func (w *walker) pad(n node) (before, all int, err error) {
	pads, err := w.ints(n, "pads", 1)
	if err != nil {
		return 0, 0, err
	}
	if mode := n.attributes["mode"].text; mode != "" && mode != "constant" {
		return 0, 0, fmt.Errorf("onnx: %v pads by %.40q; zeros are known", n, mode)
	}
	if len(n.inputs) > 2 && n.inputs[2] != "" {
		t, ok := w.m.tensors[n.inputs[2]]
		if !ok || slices.ContainsFunc(t.Data, func(b byte) bool { return b != 0 }) {
			return 0, 0, fmt.Errorf("onnx: %v pads with something else than zero", n)
		}
	}
	if a, ok := n.attributes["value"]; ok && a.float != 0 {
		return 0, 0, fmt.Errorf("onnx: %v pads with %v; zeros are known", n, a.float)
	}
	if len(n.inputs) > 3 && n.inputs[3] != "" {
		if axes := w.m.tensors[n.inputs[3]].ints; !slices.Equal(axes, []int64{0, 1, 2, 3}) {
			return 0, 0, fmt.Errorf("onnx: %v names its axes, %v; all four in their order are known", n, axes)
		}
	}
	// The padding before each axis, then after each axis.
	if len(pads) == 8 {
		channels := [2]int64{pads[1], pads[5]}
		others := slices.Concat(pads[:1], pads[2:5], pads[6:])
		if min(channels[0], channels[1]) >= 0 && max(channels[0], channels[1]) < math.MaxInt16 &&
			!slices.ContainsFunc(others, func(v int64) bool { return v != 0 }) {
			return int(channels[0]), int(channels[0] + channels[1]), nil
		}
	}
	return 0, 0, fmt.Errorf("onnx: %v pads by %v; zeros for new channels are known", n, pads)
}

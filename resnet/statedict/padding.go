package statedict

import (
	"slices"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// PadBehind rearranges a network whose shortcuts pad with zeros before and after their input's channels, so that it
// computes the same with all zeros after them, as in resnet. before gives how many zeros a block's shortcut puts first.
// A layer's channels may be in any order if the layers that read them use the same order; so the channels that a
// shortcut fills are moved to the front. Tensors that change are copied.
func PadBehind(c resnet.Config, tensors []weights.Tensor, before func(resnet.BlockSpec) int) []weights.Tensor {
	p := &permuter{tensors: slices.Clone(tensors), at: map[string]int{}}
	for i, t := range tensors {
		p.at[t.Name] = i
	}
	order := identity(c.Width) // the original index of the channel at each place
	for _, b := range c.Blocks() {
		next := order
		switch {
		case b.Pad:
			next = padded(order, b.Out, before(b))
		case b.Projection != nil:
			next = identity(b.Out)
			p.columns(b.Projection.Conv, order)
		}
		p.norm(b.Norm, order)
		p.columns(b.Residual[0].Conv, order)
		last := b.Residual[len(b.Residual)-1]
		p.rows(last.Conv+".weight", next)
		if last.Bias {
			p.rows(last.Conv+".bias", next)
		}
		p.norm(last.Norm, next)
		order = next
	}
	p.norm(c.LastNorm(), order)
	p.columns("fc", order)
	return p.tensors
}

func identity(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}

// padded is the order of out channels after a shortcut that fills those from before on, in their order.
func padded(order []int, out, before int) []int {
	next := make([]int, 0, out)
	for _, channel := range order {
		next = append(next, before+channel)
	}
	for channel := range out {
		if channel < before || channel >= before+len(order) {
			next = append(next, channel)
		}
	}
	return next
}

type permuter struct {
	tensors []weights.Tensor
	at      map[string]int
}

// norm reorders a norm's channels; "" is no norm.
func (p *permuter) norm(name string, order []int) {
	if name == "" {
		return
	}
	for _, field := range []string{"weight", "bias", "running_mean", "running_var"} {
		p.rows(name+"."+field, order)
	}
}

// rows reorders the rows of a tensor.
func (p *permuter) rows(name string, order []int) {
	t := &p.tensors[p.at[name]]
	t.Data = chosen(t.Data, len(t.Data)/len(order), order)
	if t.Scale != nil {
		was := t.Scale
		t.Scale = make([]float32, len(order))
		for i, row := range order {
			t.Scale[i] = was[row]
		}
	}
}

// columns reorders what a layer's rows read.
func (p *permuter) columns(layer string, order []int) {
	t := &p.tensors[p.at[layer+".weight"]]
	row := len(t.Data) / t.Shape[0]
	data := make([]byte, 0, len(t.Data))
	for at := 0; at < len(t.Data); at += row {
		data = append(data, chosen(t.Data[at:at+row], row/len(order), order)...)
	}
	t.Data = data
}

// chosen copies pieces of size bytes in the given order.
func chosen(data []byte, size int, order []int) []byte {
	out := make([]byte, 0, len(data))
	for _, i := range order {
		out = append(out, data[i*size:(i+1)*size]...)
	}
	return out
}

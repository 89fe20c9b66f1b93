package resnet

import (
	"fmt"
	"slices"

	"github.com/seed8935e608/residua/resnet/op"
)

// Map has a value for each cell of a grid over the picture, row by row.
type Map struct {
	H, W   int
	Values []float32
}

// CAM is the class activation map (Zhou, Khosla, Lapedriza, Oliva and Torralba 2016): how much each position of y, the
// last block's output (see Final), adds to the logit of a class:
//
//	CAM[h, w] = Σ over c of fc[class, c]·y[h, w, c]
//
// Its mean is the logit without the bias. See Config.Answers for the classes of a network with one output. Of a network
// whose linear layer reads several blocks (Config.HeadBlocks), the map is that of the last of them with its part of the
// weights: what the others add to the logit is not in it.
func (r *Record) CAM(class int) (Map, error) {
	if err := r.begin(); err != nil {
		return Map{}, err
	}
	defer r.end()
	if err := r.model.checkClass(class); err != nil {
		return Map{}, err
	}
	y, s := r.Final()
	if last := r.model.headBlock(); last < len(r.model.blocks)-1 {
		y, s = r.kept[last+1], r.model.blocks[last].out()
	}
	w := r.model.classWeights(class)
	return weightedMap(y, w[len(w)-s.C:], s), nil
}

// Source names what Grad-CAM looks at in a block: one of its Parts, or the sum X + F (or another join) before the
// activation.
type Source string

const (
	SourceX   Source = "x"
	SourceF   Source = "f"
	SourceSum Source = "sum"
	SourceY   Source = "y"
)

// GradCAM is the gradient-weighted class activation map (Selvaraju et al. 2017) at a block. With A the source and w[c]
// the mean over all positions of the gradient of the class's logit with respect to A, it is
//
//	map[h, w] = ReLU(Σ over c of w[c]·A[h, w, c])
//
// X and F are the terms of the block's sum, so both have the sum's gradient: before the ReLU the maps of X and F add up
// to the map of the sum. That does not hold for other joins. The block's input also acts through F; its map is that of
// Y of the block before.
func (r *Record) GradCAM(class, block int, source Source) (Map, error) {
	if err := r.begin(); err != nil {
		return Map{}, err
	}
	defer r.end()
	p := r.model.pass()
	defer p.end()
	a, d, err := r.sourceAndGradient(p, class, block, source)
	if err != nil {
		return Map{}, err
	}
	s := r.model.blocks[block].out()
	mean := make([]float32, s.C)
	op.GlobalMeanPool(mean, d, s)
	out := weightedMap(a, mean, s)
	op.ReLU(out.Values, out.Values)
	return out, nil
}

// Contributions gives for each channel of a block's source what it adds to a class's logit, to first order: the sum
// over all positions of the source times its gradient. For Y of the last block this is exact, and the contributions add
// up to the logit without the bias, if no norm follows and the linear layer reads no other block.
func (r *Record) Contributions(class, block int, source Source) ([]float32, error) {
	if err := r.begin(); err != nil {
		return nil, err
	}
	defer r.end()
	p := r.model.pass()
	defer p.end()
	a, d, err := r.sourceAndGradient(p, class, block, source)
	if err != nil {
		return nil, err
	}
	sums := make([]float32, r.model.blocks[block].out().C)
	for at := 0; at < len(a); at += len(sums) {
		for i := range sums {
			sums[i] += a[at+i] * d[at+i]
		}
	}
	return sums, nil
}

// sourceAndGradient gives a block's source, and the gradient of a class's logit with respect to it. They may be in the
// buffers of p, a pass of the record's model.
func (r *Record) sourceAndGradient(p *pass, class, block int, source Source) (a, d []float32, err error) {
	if err := r.model.checkClass(class); err != nil {
		return nil, nil, err
	}
	if err := r.model.checkBlock(block); err != nil {
		return nil, nil, err
	}
	y := r.kept[block+1]
	switch source {
	case SourceX, SourceF, SourceSum, SourceY:
	default:
		return nil, nil, fmt.Errorf("a block's sources are %q, %q, %q and %q, not %q",
			SourceX, SourceF, SourceSum, SourceY, source)
	}
	d = r.gradient(p, class, block)
	if source == SourceY {
		return y, d, nil
	}
	m := r.model
	parts, cut := r.traceBlock(p, block), m.without(r.cut, block)
	if m.blockActivates() {
		var z []float32
		if m.Config.Activation.ReadsInput() {
			z = m.joined(Parts{X: parts.X, F: slices.Clone(parts.F)}, cut)
		}
		m.Config.Activation.Backward(d, d, z, y)
	}
	if source == SourceSum {
		return m.joined(parts, cut), d, nil
	}
	join := m.Config.Join
	if cut != "" {
		join = JoinAdd // an ablated part is zeros
	}
	dX, dF := d, slices.Clone(d)
	join.Backward(dX, dF, d, parts.X, parts.F)
	if source == SourceX {
		return parts.X, dX, nil
	}
	return parts.F, dF, nil
}

// weightedMap is the sum over the channels of x, H×W×C, of each channel times its weight.
func weightedMap(x, weights []float32, s op.Shape) Map {
	out := Map{H: s.H, W: s.W, Values: make([]float32, s.H*s.W)}
	for i := range out.Values {
		var sum float64
		for c, v := range x[i*s.C : (i+1)*s.C] {
			sum += float64(weights[c]) * float64(v)
		}
		out.Values[i] = float32(sum)
	}
	return out
}

package train

import (
	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/op"
)

// A Param is a tensor of a network: weights that are learnt, or statistics that a norm keeps of what it saw.
type Param struct {
	Name  string // torchvision's
	Shape []int  // torchvision's: a convolution's is Out × In/Groups × Size × Size
	// Value is in the order of Shape, but for convolutions, whose channels come last: Out × Size × Size × In/Groups.
	Value []float32
	// Gradient, in the order of Value, is that of the last batch's mean loss; nil for statistics.
	Gradient []float32
	// Decays tells whether weight decay makes it smaller: norms and biases are exempt.
	Decays bool
	// Frozen tells that it does not learn; its Gradient means nothing then.
	Frozen bool
	// Rate is by what the training's rate is multiplied for these weights; 0 is 1.
	Rate float64
}

// channelsLast tells whether Value has another order than Shape.
func (p *Param) channelsLast() bool { return len(p.Shape) == 4 }

// tensors makes a network's Params, and keeps lists of them.
type tensors struct {
	*space
	params, statistics []*Param
	norms              []*norm
}

// param makes weights that are learnt, all zeros.
func (t *tensors) param(name string, decays bool, shape ...int) *Param {
	n := product(shape)
	p := &Param{Name: name, Shape: shape, Value: t.floats(n), Gradient: t.floats(n), Decays: decays}
	t.params = append(t.params, p)
	return p
}

// statistic lists what belongs to a network, but is not learnt by descent.
func (t *tensors) statistic(name string, value []float32, shape ...int) {
	t.statistics = append(t.statistics, &Param{Name: name, Shape: shape, Value: value})
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// norm is a batch norm in training.
type norm struct {
	op.BatchNorm
	weight, bias *Param
	batch        op.NormBatch // of the last Learn
}

// normMomentum is how fast running statistics follow: PyTorch's.
const normMomentum = 0.1

// norm makes a batch norm; nil for the name "".
func (t *tensors) norm(name string, channels int, epsilon float64) *norm {
	if name == "" {
		return nil
	}
	n := &norm{weight: t.param(name+".weight", false, channels), bias: t.param(name+".bias", false, channels)}
	for i := range n.weight.Value {
		n.weight.Value[i] = 1
	}
	n.BatchNorm = op.BatchNorm{
		Weight: n.weight.Value, Bias: n.bias.Value, Mean: t.floats(channels), Var: t.ones(channels), Epsilon: epsilon,
	}
	t.statistic(name+".running_mean", n.Mean, channels)
	t.statistic(name+".running_var", n.Var, channels)
	t.norms = append(t.norms, n)
	return n
}

// ending is what follows a convolution or a join, and what comes first in a pre-activation block: a norm, then an
// activation. Either may be missing.
type ending struct {
	norm *norm // nil: none
	act  op.Activation
	acts bool      // whether there is an activation
	pre  []float32 // the norm's output, if the activation's gradient needs it beside y
	y    []float32 // nil: the output takes its input's place
}

// ending makes an ending for n floats at a time. inPlace says that its input is not needed afterwards.
func (t *tensors) ending(norm *norm, act op.Activation, acts bool, n int, inPlace bool) ending {
	e := ending{norm: norm, act: act, acts: acts}
	keeps := acts && act.ReadsInput()
	if norm != nil && keeps {
		e.pre = t.floats(n)
	}
	if norm != nil || keeps || !inPlace {
		e.y = t.floats(n)
		if e.y == nil {
			e.y = []float32{} // only counted
		}
	}
	return e
}

// output is where the ending of x goes.
func (e *ending) output(x []float32) []float32 {
	if e.y == nil {
		return x
	}
	return e.y[:len(x)]
}

// epilogue is what of the ending a convolution or a norm does as well: ReLU, if that is the activation.
func (e *ending) epilogue() op.Epilogue {
	return op.Epilogue{ReLU: e.acts && e.act == op.ActivationReLU}
}

// forward computes act(norm(x)), with the batch's statistics or, to answer, with the running ones.
func (e *ending) forward(x []float32, answer bool) []float32 {
	switch y := e.output(x); {
	case e.norm != nil && answer:
		e.norm.Apply(y, x)
		if e.acts {
			e.act.Forward(y, y)
		}
		return y
	case e.norm != nil:
		return e.normed(x, e.epilogue())
	case e.epilogue().ReLU:
		op.ReLU(y, x)
		return y
	}
	return e.rest(x)
}

// normed computes act(epilogue(norm(x))) with the batch's statistics. The epilogue has the ReLU, if that is act.
func (e *ending) normed(x []float32, epilogue op.Epilogue) []float32 {
	pre := e.output(x)
	if e.pre != nil {
		pre = e.pre[:len(x)]
	}
	e.norm.TrainInto(&e.norm.batch, pre, x, epilogue)
	return e.rest(pre)
}

// rest computes the activation of what is normed already, if it is none that an epilogue does.
func (e *ending) rest(pre []float32) []float32 {
	if !e.acts || e.act == op.ActivationReLU {
		return pre
	}
	y := pre
	if e.y != nil {
		y = e.y[:len(pre)]
	}
	e.act.Forward(y, pre)
	return y
}

// backward gives the gradient with respect to x, forward's input, in dX, from dY, that with respect to its output. If
// there is nothing between them it is dY itself. dX may be dY. weights says whether the norm's gradients are wanted.
func (e *ending) backward(dX, dY, x []float32, weights bool) []float32 {
	y := e.output(x)
	if n := e.norm; n != nil && e.epilogue().ReLU {
		dWeight, dBias := n.gradients(weights)
		n.TrainReLUBackward(dX, dWeight, dBias, dY, x, y, n.batch)
		return dX
	}
	if e.acts {
		pre := x
		if e.pre != nil {
			pre = e.pre[:len(x)]
		}
		e.act.Backward(dX, dY, pre, y)
		dY = dX
	}
	if n := e.norm; n != nil {
		dWeight, dBias := n.gradients(weights)
		n.TrainBackward(dX, dWeight, dBias, dY, x, n.batch)
		dY = dX
	}
	return dY
}

// gradients are where the norm's gradients go; somewhere else if they are not wanted.
func (n *norm) gradients(wanted bool) (dWeight, dBias []float32) {
	if wanted {
		return n.weight.Gradient, n.bias.Gradient
	}
	return make([]float32, len(n.Weight)), make([]float32, len(n.Weight))
}

// unit is a convolution, its bias if it has one, and what follows it.
type unit struct {
	spec   resnet.ConvSpec
	conv   *conv
	weight *Param
	bias   *Param    // nil: none
	raw    []float32 // the convolution's output
	ending
}

// unit makes a convolution for batches of at most batch pictures.
func (t *tensors) unit(c resnet.Config, spec resnet.ConvSpec, in op.Shape, batch int, acts bool) *unit {
	u := &unit{spec: spec, conv: newConv(t.space, spec, in, batch)}
	u.weight = t.param(spec.Conv+".weight", true, spec.Shape()...)
	if spec.Bias {
		u.bias = t.param(spec.Conv+".bias", false, spec.Out)
	}
	n := batch * u.conv.out.Len()
	u.raw = t.floats(n)
	u.ending = t.ending(t.norm(spec.Norm, spec.Out, c.NormEpsilon), c.Activation, acts, n, true)
	return u
}

// out is the output of the last forward of count pictures.
func (u *unit) out(count int) []float32 { return u.output(u.raw[:count*u.conv.out.Len()]) }

// biases are the convolution's, or nil.
func (u *unit) biases() []float32 {
	if u.bias == nil {
		return nil
	}
	return u.bias.Value
}

// forward runs the unit with the batch's statistics. The epilogue is what follows the norm, the ReLU of the unit too.
func (u *unit) forward(x []float32, count int, e op.Epilogue) []float32 {
	raw := u.raw[:count*u.conv.out.Len()]
	if u.norm == nil {
		u.conv.forward(raw, x, u.weight.Value, u.biases(), count, e)
		return u.rest(raw)
	}
	u.conv.forward(raw, x, u.weight.Value, nil, count, op.Epilogue{})
	return u.normed(raw, e)
}

// answer runs the unit with the running statistics. folded is room for its weights with the norm in them.
func (u *unit) answer(x []float32, count int, e op.Epilogue, folded []float32) []float32 {
	y := u.out(count)
	w, bias := u.weight.Value, u.biases()
	if u.norm != nil {
		var scale []float32
		scale, bias = u.norm.Fold()
		folded = folded[:len(w)]
		scaleFilters(folded, w, scale)
		w = folded
	}
	u.conv.forward(y, x, w, bias, count, e)
	return u.rest(y)
}

// scaleFilters multiplies each filter by its scale.
func scaleFilters(dst, filters, scale []float32) {
	each := len(filters) / len(scale)
	for o, s := range scale {
		to := dst[o*each:][:each]
		for i, w := range filters[o*each:][:each] {
			to[i] = s * w
		}
	}
}

// backward gives the gradient with respect to the convolution's output, in dRaw or, if nothing is between them, dY
// itself; dRaw may be dY. weights says whether the gradients of the weights are wanted; x is forward's.
func (u *unit) backward(dRaw, dY, x []float32, count int, weights bool) []float32 {
	d := u.ending.backward(dRaw, dY, u.raw[:len(dY)], weights)
	u.backwardWeights(d, x, count, weights)
	return d
}

// backwardWeights computes the gradients of the convolution's weights and its bias, if they are wanted.
func (u *unit) backwardWeights(dRaw, x []float32, count int, wanted bool) {
	if !wanted {
		return
	}
	if u.bias != nil {
		op.SumRows(u.bias.Gradient, dRaw)
	}
	u.conv.backwardWeights(u.weight.Gradient, dRaw, x, count)
}

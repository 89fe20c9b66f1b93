package train

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
)

// Init is how a convolution's first weights are drawn: normal, with a variance by its fan-in, the products of a value
// of the output, In/Groups·Size², and its fan-out, Out·Size², as PyTorch counts them.
type Init string

// The initialisations. Biases of convolutions, the linear layer's weights and its bias are PyTorch's in all of them:
// uniform between ±1/√fan-in. Norms start with weight 1 and bias 0.
const (
	InitHeOut  Init = "he-out" // 2/fan-out (He et al. 2015): the gradient's variance stays; torchvision's
	InitHeIn   Init = "he-in"  // 2/fan-in (He et al. 2015): the signal's variance stays
	InitXavier Init = "xavier" // 2/(fan-in + fan-out) (Glorot and Bengio 2010), for tanh
)

func (i Init) known() bool {
	switch i {
	case "", InitHeOut, InitHeIn, InitXavier:
		return true
	}
	return false
}

// deviation is the standard deviation of a convolution's weights of a shape.
func (i Init) deviation(shape []int) float64 {
	taps := float64(shape[2] * shape[3])
	in, out := float64(shape[1])*taps, float64(shape[0])*taps
	switch i {
	case InitHeIn:
		return math.Sqrt(2 / in)
	case InitXavier:
		return math.Sqrt(2 / (in + out))
	}
	return math.Sqrt(2 / out)
}

// Reset gives a network the weights and statistics that New gives one by o, of which only Seed, Init, ZeroLast and
// Drawn count. New allocates and counts as well, which takes most of the time before a first step.
func (n *Net) Reset(o Options) {
	n.learned = 0
	for _, norm := range n.norms {
		fill(norm.Weight, 1)
		clear(norm.Bias)
		clear(norm.Mean)
		fill(norm.Var, 1)
	}
	n.initialise(o)
}

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}

// initialise draws the first weights of all but the norms. Each tensor has random numbers of its own, by its name: so a
// residual network and its plain twin start from the same weights where they have the same tensors.
func (n *Net) initialise(o Options) {
	for _, p := range n.params {
		switch len(p.Shape) {
		case 4:
			o.Drawn.conv(p, o)
		case 2:
			uniform(drawing(o.Seed, p.Name), p.Value, p.Shape[1])
		}
	}
	for _, u := range n.units() {
		if u.bias != nil {
			uniform(drawing(o.Seed, u.bias.Name), u.bias.Value, product(u.weight.Shape[1:]))
		}
	}
	uniform(drawing(o.Seed, n.fcBias.Name), n.fcBias.Value, n.fc.Shape[1])
	if o.ZeroLast {
		for _, b := range n.blocks {
			b.zeroLast()
		}
	}
}

// drawing is the random numbers of a tensor.
func drawing(seed uint64, name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// Drawn keeps the convolutions' first weights of one seed, so that networks made with the same Drawn draw equal tensors
// once: under js/wasm drawing for four networks of 56 layers took a seventh of a signal's time. The zero value
// is ready.
type Drawn struct {
	seed   uint64
	values map[drawnTensor][]float32
}

type drawnTensor struct {
	name  string
	init  Init
	shape [4]int
}

// conv gives a convolution its first weights. d may be nil.
func (d *Drawn) conv(p *Param, o Options) {
	if d == nil {
		drawConv(p, o)
		return
	}
	if d.values == nil || d.seed != o.Seed {
		d.seed, d.values = o.Seed, map[drawnTensor][]float32{}
	}
	key := drawnTensor{p.Name, o.Init, [4]int(p.Shape)}
	if known, ok := d.values[key]; ok {
		copy(p.Value, known)
		return
	}
	drawConv(p, o)
	d.values[key] = slices.Clone(p.Value)
}

// drawConv draws a convolution's weights, which are stored channels last.
func drawConv(p *Param, o Options) {
	r, deviation := drawing(o.Seed, p.Name), o.Init.deviation(p.Shape)
	for i := range p.Value {
		p.Value[i] = float32(r.NormFloat64() * deviation)
	}
}

// uniform draws values between ±1/√fanIn.
func uniform(r *rand.Rand, x []float32, fanIn int) {
	bound := 1 / math.Sqrt(float64(fanIn))
	for i := range x {
		x[i] = float32((2*r.Float64() - 1) * bound)
	}
}

// zeroLast has F start at zero.
func (b *block) zeroLast() {
	u := b.residual[len(b.residual)-1]
	if u.norm != nil {
		clear(u.norm.Weight)
		return
	}
	clear(u.weight.Value)
	if u.bias != nil {
		clear(u.bias.Value)
	}
}

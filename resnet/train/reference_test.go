package train

import (
	"math"
	"testing"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/op"
)

// reference computes a network's loss in training by its definition, in float64, with loops and nothing of package op.
type reference struct {
	c      resnet.Config
	values map[string][]float64
	n      int // pictures
}

// volume is activations, n×h×w×c.
type volume struct {
	h, w, c int
	v       []float64
}

// newReference copies a network's weights.
func newReference(n *Net, pictures int) *reference {
	r := &reference{n.Config, map[string][]float64{}, pictures}
	for _, p := range n.Params() {
		v := make([]float64, len(p.Value))
		for i, x := range p.Value {
			v[i] = float64(x)
		}
		r.values[p.Name] = v
	}
	return r
}

func (r *reference) conv(s resnet.ConvSpec, x volume) volume {
	side := func(n int) int { return (n+2*(s.Size/2)-s.Size)/s.Stride + 1 }
	y := volume{side(x.h), side(x.w), s.Out, nil}
	w, groups := r.values[s.Conv+".weight"], max(1, s.Groups)
	in, out := x.c/groups, s.Out/groups
	for at := range r.n * y.h * y.w {
		p, row, col := at/(y.h*y.w), at/y.w%y.h, at%y.w
		for o := range s.Out {
			sum := 0.
			for tap := range s.Size * s.Size {
				i, j := row*s.Stride+tap/s.Size-s.Size/2, col*s.Stride+tap%s.Size-s.Size/2
				if i < 0 || j < 0 || i >= x.h || j >= x.w {
					continue
				}
				for k := range in {
					sum += w[(o*s.Size*s.Size+tap)*in+k] * x.v[((p*x.h+i)*x.w+j)*x.c+o/out*in+k]
				}
			}
			if s.Bias {
				sum += r.values[s.Conv+".bias"][o]
			}
			y.v = append(y.v, sum)
		}
	}
	return y
}

func (r *reference) norm(name string, x volume) volume {
	if name == "" {
		return x
	}
	y := volume{x.h, x.w, x.c, make([]float64, len(x.v))}
	rows := float64(len(x.v) / x.c)
	for c := range x.c {
		mean, variance := 0., 0.
		for i := c; i < len(x.v); i += x.c {
			mean += x.v[i] / rows
		}
		for i := c; i < len(x.v); i += x.c {
			variance += (x.v[i] - mean) * (x.v[i] - mean) / rows
		}
		scale, bias := r.values[name+".weight"][c]/math.Sqrt(variance+r.c.NormEpsilon), r.values[name+".bias"][c]
		for i := c; i < len(x.v); i += x.c {
			y.v[i] = (x.v[i]-mean)*scale + bias
		}
	}
	return y
}

func (r *reference) act(acts bool, x volume) volume {
	if !acts {
		return x
	}
	y := volume{x.h, x.w, x.c, make([]float64, len(x.v))}
	for i, v := range x.v {
		switch r.c.Activation {
		case resnet.ActivationReLU:
			v = max(0, v)
		case resnet.ActivationLeakyReLU:
			v = max(v, float64(float32(0.01))*v)
		case resnet.ActivationTanh:
			v = math.Tanh(v)
		case resnet.ActivationSiLU:
			v /= 1 + math.Exp(-v)
		}
		y.v[i] = v
	}
	return y
}

func (r *reference) join(s, f volume) volume {
	y := volume{f.h, f.w, f.c, make([]float64, len(f.v))}
	for i, b := range f.v {
		switch r.c.Join {
		case op.JoinNone:
			y.v[i] = b
		case op.JoinAdd:
			y.v[i] = s.v[i] + b
		case op.JoinProduct:
			y.v[i] = s.v[i] * b
		case op.JoinMaximum:
			y.v[i] = max(s.v[i], b)
		case op.JoinGate:
			y.v[i] = s.v[i]/(1+math.Exp(-b)) + b
		}
	}
	return y
}

func (r *reference) pool(x volume) volume {
	y := volume{(x.h + 1) / 2, (x.w + 1) / 2, x.c, nil}
	for at := range r.n * y.h * y.w * y.c {
		p, row, col, c := at/(y.h*y.w*y.c), at/(y.w*y.c)%y.h, at/y.c%y.w, at%y.c
		best := math.Inf(-1)
		for i := max(0, 2*row-1); i < min(x.h, 2*row+2); i++ {
			for j := max(0, 2*col-1); j < min(x.w, 2*col+2); j++ {
				best = max(best, x.v[((p*x.h+i)*x.w+j)*x.c+c])
			}
		}
		y.v = append(y.v, best)
	}
	return y
}

func (r *reference) block(b resnet.BlockSpec, x volume) volume {
	h := x
	if r.c.PreActivation {
		h = r.act(true, r.norm(b.Norm, x))
	}
	f, s := h, x
	for i, spec := range b.Residual {
		f = r.act(i < len(b.Residual)-1, r.norm(spec.Norm, r.conv(spec, f)))
	}
	switch {
	case b.Projection != nil:
		s = r.norm(b.Projection.Norm, r.conv(*b.Projection, h))
	case b.Pad:
		s = volume{f.h, f.w, f.c, make([]float64, len(f.v))}
		for at := range r.n * f.h * f.w {
			p, row, col := at/(f.h*f.w), at/f.w%f.h, at%f.w
			copy(s.v[at*f.c:], x.v[((p*x.h+row*b.Stride)*x.w+col*b.Stride)*x.c:][:x.c])
		}
	}
	return r.act(!r.c.PreActivation, r.join(s, f))
}

// loss is the mean cross-entropy of a batch.
func (r *reference) loss(x volume, labels []int, smoothing float64) float64 {
	stem := r.c.StemConv()
	y := r.act(r.c.StemReLU(), r.norm(stem.Norm, r.conv(stem, x)))
	if r.c.Stem == resnet.StemImageNet {
		y = r.pool(y)
	}
	for _, b := range r.c.Blocks() {
		y = r.block(b, y)
	}
	y = r.act(r.c.PreActivation, r.norm(r.c.LastNorm(), y))
	loss, classes := 0., r.c.Classes
	for p, label := range labels {
		z, sum := make([]float64, classes), 0.
		for k := range z {
			z[k] = r.values["fc.bias"][k]
			for at := range y.h * y.w {
				for c := range y.c {
					z[k] += r.values["fc.weight"][k*y.c+c] * y.v[(p*y.h*y.w+at)*y.c+c] / float64(y.h*y.w)
				}
			}
			sum += math.Exp(z[k])
		}
		for k := range z {
			target := smoothing / float64(classes)
			if k == label {
				target += 1 - smoothing
			}
			loss -= target * (z[k] - math.Log(sum)) / float64(len(labels))
		}
	}
	return loss
}

// TestGradients compares the loss and the gradient by each tensor, along itself, with the reference's, for every join
// with and without norms, with and without pre-activation, with every activation, and for all other kinds of networks.
//
// The reference's differences are exact to 1e-8 but where the step of 1e-6 crosses a kink, of ReLU or a maximum; that
// moves a few of a thousand values in the sixth digit. What is left is the network's float32: some ten layers sum
// up to a thousand products, and the norms' gradients are differences of such sums, which costs them two digits. A
// wrong term would be off by tenths.
func TestGradients(t *testing.T) {
	const smoothing, step = 0.1, 1e-6
	for _, k := range kindsHere(kinds()) {
		t.Run(k.name, func(t *testing.T) {
			n, x, labels := newTestNet(t, k.config)
			scatterNorms(n)
			in := volume{8, 8, 3, nil}
			for _, v := range x {
				in.v = append(in.v, float64(v))
			}
			r := newReference(n, len(labels))
			got, want := n.Learn(x, labels, smoothing).Loss, r.loss(in, labels, smoothing)
			if !(math.Abs(got-want) <= 1e-5*(1+want)) {
				t.Fatalf("the loss is %v, want %v", got, want)
			}
			whole := 0.
			for _, p := range n.Params() {
				whole = math.Hypot(whole, euclidean(p.Gradient))
			}
			for _, p := range n.Params() {
				length := euclidean(p.Gradient)
				if length == 0 {
					t.Errorf("the gradient by %s is 0", p.Name)
					continue
				}
				at := func(step float64) float64 {
					for i, d := range p.Gradient {
						r.values[p.Name][i] = float64(p.Value[i]) + step*float64(d)/length
					}
					return r.loss(in, labels, smoothing)
				}
				slope := (at(step) - at(-step)) / (2 * step)
				at(0)
				if !(math.Abs(slope-length) <= 1e-3*length+1e-5*whole) {
					t.Errorf("along the gradient by %s, %v long, the loss grows by %v", p.Name, length, slope)
				}
			}
		})
	}
}

// TestInputGradient: along the gradient by the pictures the loss grows as it says. The tolerance is TestGradients'.
func TestInputGradient(t *testing.T) {
	const step = 1e-6
	for _, k := range kindsHere(kinds()) {
		t.Run(k.name, func(t *testing.T) {
			n, x, labels := newTestNet(t, k.config)
			scatterNorms(n)
			n.Learn(x, labels, 0)
			dX := make([]float32, len(x))
			n.InputGradient(dX, nil)
			length, r := euclidean(dX), newReference(n, len(labels))
			at := func(step float64) float64 {
				in := volume{8, 8, 3, nil}
				for i, v := range x {
					in.v = append(in.v, float64(v)+step*float64(dX[i])/length)
				}
				return r.loss(in, labels, 0)
			}
			if slope := (at(step) - at(-step)) / (2 * step); !(math.Abs(slope-length) <= 1e-3*length) {
				t.Errorf("along the gradient, %v long, the loss grows by %v", length, slope)
			}
		})
	}
}

// TestPaths: where shortcuts are added, the gradient by the pictures is the sum of those along all paths. Each is a sum
// of products in float32, some of which cancel in the whole.
func TestPaths(t *testing.T) {
	for _, pre := range []bool{false, true} {
		c := small
		c.Layers, c.PreActivation = []int{2, 1}, pre
		n, x, labels := newTestNet(t, c)
		n.Learn(x, labels, 0)
		whole, sum, path := make([]float32, len(x)), make([]float64, len(x)), make([]float32, len(x))
		n.InputGradient(whole, nil)
		for paths := range 1 << n.Blocks() {
			residual := make([]bool, n.Blocks())
			for i := range residual {
				residual[i] = paths>>i&1 == 1
			}
			n.InputGradient(path, residual)
			for i, v := range path {
				sum[i] += float64(v)
			}
		}
		off := 0.
		for i, v := range whole {
			off = math.Hypot(off, sum[i]-float64(v))
		}
		if length := euclidean(whole); !(off <= 1e-5*length) {
			t.Errorf("pre-activation %v: the paths' gradients add up to the gradient, %v long, but for %v", pre, length,
				off)
		}
	}
}

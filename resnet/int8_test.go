package resnet

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/internal/eightbits"
	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/weights"
)

// roundedFor rounds an array as a convolution in eight bits rounds its input: to multiples of a 127th of the largest
// value. Other convolutions leave it alone: those that read a picture or negative values, and those with groups or with
// channels that do not come in fours.
func (a array) roundedFor(s ConvSpec) array {
	if s.In%4 != 0 || s.Groups > 1 || slices.Min(a.x) < 0 {
		return a
	}
	out := array{a.h, a.w, a.c, nil}
	step := slices.Max(a.x) / 127
	for _, v := range a.x {
		out.x = append(out.x, step*math.RoundToEven(v/step))
	}
	return out
}

// algorithms lists the algorithms of a network's convolutions, without the rows of their tiles.
func algorithms(m *Model) []string {
	var out []string
	for _, l := range m.Profile(make([]float32, m.InputLen()), 1) {
		kind, _, _ := strings.Cut(l.Algorithm, " ")
		out = append(out, kind)
	}
	return out
}

// TestInt8Networks compares every block with the reference, which rounds its convolutions' inputs too, on the same
// block input. Sums of integers are exact; everything between convolutions is float32, as in TestSmallNetworks.
func TestInt8Networks(t *testing.T) {
	configs, count := map[string]Config{}, map[string]int{}
	for _, list := range []map[string]Config{small, more, lab} {
		for name, c := range list {
			if name == "wide and odd" || c.Activation != ActivationReLU {
				continue // the channels of its three groups do not come in fours; or there are signs everywhere
			}
			c.Width = (c.Width + 3) / 4 * 4
			configs[name] = c
			for _, b := range c.Blocks() { // all but the stem and those with groups
				for _, s := range b.Residual {
					if s.Groups == 1 {
						count[name]++
					}
				}
				if b.Projection != nil {
					count[name]++
				}
			}
		}
	}
	count["article"]-- // its stem has no ReLU, so the first block's first convolution reads signs
	card := smallCard
	card.InputSize = 19
	forEach(t, configs, card, func(t *testing.T, n both) {
		name := strings.ReplaceAll(strings.TrimPrefix(t.Name(), "TestInt8Networks/"), "_", " ")
		f := eightbits.File(t, n.file)
		m, err := LoadFile(f, WithCompute(Int8))
		if err != nil {
			t.Fatal(err)
		}
		got := len(slices.DeleteFunc(algorithms(m), func(a string) bool { return a != "int8" }))
		if got != count[name] || m.Compute() != Int8 {
			t.Errorf("%d convolutions in eight bits, want %d; it computes in %s", got, count[name], m.Compute())
		}
		for _, x := range f.Tensors() {
			n.reference.tensors[x.Name], _ = x.AppendFloat32(nil)
		}
		n.reference.int8 = true
		want := m.Forward(n.x, func(i int, p Parts) {})
		r := m.NewRecord()
		if got := r.Forward(n.x, nil); !slices.Equal(got.Logits, want.Logits) {
			t.Error("a pass with an observer has other logits than one without")
		}
		for i := range m.blocks {
			kept, s := r.Input(i)
			in := array{h: s.H, w: s.W, c: s.C}
			for _, v := range kept {
				in.x = append(in.x, float64(v))
			}
			_, f := n.reference.block(i, in, "")
			p, err := r.Block(i)
			if err != nil {
				t.Fatal(err)
			}
			if e := off(p.F, f.x); e > 1e-5 {
				t.Errorf("block %d: F is off by %.2g", i, e)
			}
		}
	})
}

// TestCompute: Int8 needs both the option and weights in eight bits.
func TestCompute(t *testing.T) {
	c := small["bottleneck v1"]
	f, err := weights.Parse(encode(t, c, smallCard, randomTensors(t, c)))
	if err != nil {
		t.Fatal(err)
	}
	eighths := eightbits.File(t, f)
	for _, of := range []struct {
		file  *weights.File
		asked []Compute // none or one
		want  Compute
	}{
		{f, nil, Float32}, {f, []Compute{Fastest}, Float32},
		{eighths, nil, Float32}, {eighths, []Compute{Float32}, Float32}, {eighths, []Compute{Int8}, Int8},
	} {
		var options []Option
		for _, c := range of.asked {
			options = append(options, WithCompute(c))
		}
		m, err := LoadFile(of.file, options...)
		if err != nil {
			t.Fatal(err)
		}
		if m.Compute() != of.want {
			t.Errorf("asked for %v it computes in %s, want %s", of.asked, m.Compute(), of.want)
		}
	}
	if _, err := LoadFile(f, WithCompute(Int8)); err == nil || !strings.Contains(err.Error(), "weights in eight bits") {
		t.Errorf("weights in float32 computed in eight bits: %v", err)
	}
	if m, err := LoadFile(eighths, WithCompute(Fastest)); err != nil || (m.Compute() == Int8) != op.Int8Pays() {
		t.Errorf("the fastest is %v (%v), and eight bits pay: %v", m.Compute(), err, op.Int8Pays())
	}
	for _, unknown := range []Compute{"", "float16"} {
		if _, err := LoadFile(eighths, WithCompute(unknown)); err == nil || !strings.Contains(err.Error(), "not in") {
			t.Errorf("to compute in %q is an error: %v", unknown, err)
		}
	}
	// Load refuses the same files in eight bits.
	for what, change := range map[string]func(x weights.Tensor) []weights.Tensor{
		"has the shape": func(x weights.Tensor) []weights.Tensor {
			x.Shape = slices.Clone(x.Shape)
			slices.Reverse(x.Shape)
			x.Scale = slices.Repeat(x.Scale[:1], x.Shape[0])
			return []weights.Tensor{x}
		},
		"no tensor": func(x weights.Tensor) []weights.Tensor { return nil },
	} {
		var tensors []weights.Tensor
		for _, x := range eighths.Tensors() {
			if x.Name == "layer2.0.conv1.weight" {
				tensors = append(tensors, change(x)...)
			} else {
				tensors = append(tensors, x)
			}
		}
		changed, err := weights.NewFile(eighths.Metadata, tensors)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := LoadFile(changed, WithCompute(Int8)); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("got the error %v, want %q", err, what)
		}
	}
}

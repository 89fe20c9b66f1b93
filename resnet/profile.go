package resnet

import (
	"time"

	"github.com/seed8935e608/residua/resnet/op"
)

// LayerTime is the time of one convolution in a pass.
type LayerTime struct {
	Name      string // as in the weights: "layer1.0.conv2"
	Algorithm string // of op.Conv2D.Algorithm
	Time      time.Duration
	FLOP      int64 // by the convolution's definition
}

// Profile runs the network on x runs times and gives the mean time of each convolution, from input to output. A
// browser's clock may have steps of 100 µs; many runs average them out. What other goroutines compute meanwhile slows
// it down. Profile panics if x has another length than Forward wants, or runs is less than 1.
func (m *Model) Profile(x []float32, runs int) []LayerTime {
	if runs < 1 {
		panic(badRuns)
	}
	p := m.pass()
	defer p.end()
	p.times = map[*op.Conv2D]time.Duration{}
	for range runs {
		p.forward(x)
	}
	var out []LayerTime
	add := func(name string, c *op.Conv2D) {
		out = append(out, LayerTime{name, c.Algorithm(), p.times[c] / time.Duration(runs), c.FLOP()})
	}
	add(m.Config.StemConv().Conv, m.stem)
	for i, spec := range m.Config.Blocks() {
		if spec.Projection != nil {
			add(spec.Projection.Conv, m.blocks[i].projection)
		}
		for j, s := range spec.Residual {
			add(s.Conv, m.blocks[i].residual[j])
		}
	}
	return out
}

const badRuns = "resnet: a profile needs at least one run"

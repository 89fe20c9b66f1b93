package resnet

import "github.com/seed8935e608/residua/resnet/op"

// Result is what a pass computes.
type Result struct {
	Features []float32 // the last stage's channels, each its mean over all positions
	Logits   []float32 // one a class, before softmax
}

// Observer is told each residual block's output, H×W×C, as soon as it is there. It must not keep or change y.
type Observer func(block int, y []float32)

// workspace is the buffers of a pass, made once. A block reads x and writes y; then they change places.
type workspace struct {
	x, y     []float32
	shortcut []float32    // a projection's output
	inner    [2][]float32 // between a block's convolutions
}

const badInput = "resnet: the input is not Size×Size×3, with the Size of the model's card"

// Forward runs the network on one picture, Size×Size×3 with the card's InputSize, prepared as the card says.
// observe may be nil. It panics if x has another length.
func (m *Model) Forward(x []float32, observe Observer) Result {
	in := m.input()
	if len(x) != in.Len() {
		panic(badInput)
	}
	w := &m.space

	s := m.stem.Out(in)
	m.stem.Forward(w.y, x, in, op.Epilogue{ReLU: true})
	m.pool.Forward(w.x, w.y, s)
	s = m.pool.Out(s)

	for i := range m.blocks {
		s = m.blocks[i].forward(w, s)
		w.x, w.y = w.y, w.x
		if observe != nil {
			observe(i, w.x[:s.Len()])
		}
	}

	r := Result{Features: make([]float32, s.C), Logits: make([]float32, m.Config.Classes)}
	op.GlobalMeanPool(r.Features, w.x, s)
	m.fc.Forward(r.Logits, r.Features)
	return r
}

// forward computes w.y = ReLU(shortcut(w.x) + F(w.x)) for w.x of shape in, and gives the shape of w.y.
// The sum and the last ReLU are the epilogue of F's last convolution.
func (b *block) forward(w *workspace, in op.Shape) op.Shape {
	shortcut := w.x
	if b.projection != nil {
		shortcut = w.shortcut
		b.projection.Forward(shortcut, w.x, in, op.Epilogue{})
	}
	last := len(b.residual) - 1
	from, s := w.x, in
	for i, c := range b.residual[:last] {
		c.Forward(w.inner[i], from, s, op.Epilogue{ReLU: true})
		from, s = w.inner[i], c.Out(s)
	}
	b.residual[last].Forward(w.y, from, s, op.Epilogue{Residual: shortcut, ReLU: true})
	return b.residual[last].Out(s)
}

// reserve makes the workspace large enough for every layer.
func (m *Model) reserve() {
	var outer, shortcut int
	var inner [2]int
	s := m.stem.Out(m.input())
	outer = s.Len()
	s = m.pool.Out(s)
	for i := range m.blocks {
		b := &m.blocks[i]
		if b.projection != nil {
			shortcut = max(shortcut, b.out(s).Len())
		}
		for j, c := range b.residual {
			s = c.Out(s)
			if j < len(b.residual)-1 {
				inner[j] = max(inner[j], s.Len())
			}
		}
		outer = max(outer, s.Len())
	}
	m.space = workspace{
		x:        make([]float32, outer),
		y:        make([]float32, outer),
		shortcut: make([]float32, shortcut),
		inner:    [2][]float32{make([]float32, inner[0]), make([]float32, inner[1])},
	}
}

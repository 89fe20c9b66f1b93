package digest

import (
	"fmt"
	"slices"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/wasm/proto"
)

// Channels answers requests for pages of a block's channels. It keeps the last order, since sorting by class takes a walk back
// through the network and a person turns page after page.
type Channels struct {
	Model  *resnet.Model
	Record *resnet.Record

	of    proto.ViewRequest // what the order is of; its page does not count
	order []int
}

// Page answers one request.
func (c *Channels) Page(request *proto.ViewRequest) (*proto.ViewChannels, error) {
	blocks := c.Model.Blocks()
	if request.Block >= len(blocks) {
		return nil, fmt.Errorf("there is no block %d; the network has the blocks 0 to %d", request.Block, len(blocks)-1)
	}
	if err := c.sort(request); err != nil {
		return nil, err
	}
	b := blocks[request.Block]
	m := &proto.ViewChannels{ViewRequest: *request, Total: b.Channels, Height: b.Height, Width: b.Width}
	m.Holding = 0
	if request.Holding > 0 {
		m.First = slices.Index(c.order, request.Holding-1) / request.Count * request.Count
	}
	if request.Holding > b.Channels || m.First >= b.Channels {
		return nil, fmt.Errorf("block %d has %d channels", request.Block, b.Channels)
	}
	page := c.order[m.First:min(m.First+request.Count, b.Channels)]
	m.Count = len(page)
	for _, channel := range page {
		m.Channels = append(m.Channels, uint32(channel))
	}
	p, err := c.Record.Block(request.Block)
	if err != nil {
		return nil, err
	}
	paint(m, p, page)
	return m, nil
}

// sort finds the order of the request's block.
func (c *Channels) sort(request *proto.ViewRequest) error {
	of := *request
	of.First, of.Count, of.Holding = 0, 0, 0
	if c.order != nil && of == c.of {
		return nil
	}
	var values []float32
	if request.Sort == proto.SortClass {
		var err error
		if values, err = c.Record.Contributions(request.Class, request.Block, resnet.SourceY); err != nil {
			return err
		}
	} else {
		y, s := c.Record.Input(request.Block + 1)
		values = resnet.ChannelEnergies(y, s.C)
	}
	c.of, c.order = of, strongest(values, len(values))
	return nil
}

// paint fills in the scales of the whole block and the maps of the page's channels.
func paint(m *proto.ViewChannels, p resnet.Parts, page []int) {
	x, f, sum := ranges(p)
	m.Scales = [proto.Tensors]proto.ViewScale{proto.TensorX: x, proto.TensorF: f, proto.TensorSum: sum}
	m.Scales[proto.TensorY] = proto.ViewScale{Lo: max(0, sum.Lo), Hi: max(0, sum.Hi)}
	var factors [proto.Tensors]float32
	for t, s := range m.Scales {
		m.Maps[t] = make([]byte, len(page)*m.Height*m.Width)
		factors[t] = factor(s)
	}
	size := m.Height * m.Width
	for at := range size {
		x, f, y := p.X[at*m.Total:][:m.Total], p.F[at*m.Total:][:m.Total], p.Y[at*m.Total:][:m.Total]
		for i, c := range page {
			values := [proto.Tensors]float32{proto.TensorX: x[c], proto.TensorF: f[c], proto.TensorSum: x[c] + f[c], proto.TensorY: y[c]}
			for t, v := range values {
				m.Maps[t][i*size+at] = level(v, m.Scales[t].Lo, factors[t])
			}
		}
	}
}

// ranges gives the least and the greatest value of x, of f and of their sum.
func ranges(p resnet.Parts) (x, f, sum proto.ViewScale) {
	x, f = proto.ViewScale{Lo: p.X[0], Hi: p.X[0]}, proto.ViewScale{Lo: p.F[0], Hi: p.F[0]}
	sum = proto.ViewScale{Lo: p.X[0] + p.F[0], Hi: p.X[0] + p.F[0]}
	widen := func(s *proto.ViewScale, v float32) {
		if v < s.Lo {
			s.Lo = v
		} else if v > s.Hi {
			s.Hi = v
		}
	}
	for i, a := range p.X {
		b := p.F[i]
		widen(&x, a)
		widen(&f, b)
		widen(&sum, a+b)
	}
	return x, f, sum
}

package digest

import (
	"fmt"
	"slices"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/wasm/proto"
)

// Channels answers requests for pages of a block's channels. It keeps the last order, because sorting by class takes a
// backward pass and users ask for page after page.
type Channels struct {
	Model  *resnet.Model
	Record *resnet.Record

	of    proto.ViewRequest // the request that the order is for, without the page
	order []int
	sum   []float32 // x and F of a block, combined by the network's join
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
	m.Containing = 0
	if request.Containing > 0 {
		m.First = slices.Index(c.order, request.Containing-1) / request.Count * request.Count
	}
	if request.Containing > b.Channels || m.First >= b.Channels {
		return nil, fmt.Errorf("block %d has %d channels", request.Block, b.Channels)
	}
	page := c.order[m.First:min(m.First+request.Count, b.Channels)]
	m.Count = len(page)
	for _, channel := range page {
		m.Channels = append(m.Channels, uint32(channel))
	}
	err := c.Record.ObserveBlock(request.Block, func(_ int, p resnet.Parts) {
		c.sum = slices.Grow(c.sum[:0], len(p.X))[:len(p.X)]
		c.Model.Config.Join.Forward(c.sum, p.X, p.F)
		fill(m, p, c.sum, page)
	})
	return m, err
}

// sort computes the order of the request's block.
func (c *Channels) sort(request *proto.ViewRequest) error {
	of := *request
	of.First, of.Count, of.Containing = 0, 0, 0
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

// fill sets the scales of the whole block and the maps of the page's channels. sum is x and F, joined.
func fill(m *proto.ViewChannels, p resnet.Parts, sum []float32, page []int) {
	tensors := [proto.Tensors][]float32{
		proto.TensorX: p.X, proto.TensorF: p.F, proto.TensorSum: sum, proto.TensorY: p.Y,
	}
	size := m.Height * m.Width
	for t, values := range tensors {
		s := rangeOf(values)
		f := factor(s)
		m.Scales[t], m.Maps[t] = s, make([]byte, len(page)*size)
		for at := range size {
			row := values[at*m.Total:][:m.Total]
			for i, c := range page {
				m.Maps[t][i*size+at] = level(row[c], s.Lo, f)
			}
		}
	}
}

// rangeOf is the scale from the smallest to the largest value.
func rangeOf(values []float32) proto.ViewScale {
	s := proto.ViewScale{Lo: values[0], Hi: values[0]}
	for _, v := range values {
		if v < s.Lo {
			s.Lo = v
		} else if v > s.Hi {
			s.Hi = v
		}
	}
	return s
}

package paint

import (
	"slices"

	"github.com/seed8935e608/residua/wasm/proto"
)

// page is how many channels are asked for at a time.
const page = 64

// shelf holds the channels of one block that have come, each at its place in the order.
type shelf struct {
	key      proto.ViewRequest // what they are of; First, Count and Holding are zero
	h, w     int
	channels []int // by place; −1: not there yet
	maps     [][proto.Tensors][]byte
	scales   [proto.Tensors]proto.ViewScale
	asked    []bool // by page
	sought   int    // the channel that was asked for by its number, and one; 0: none
	come     bool   // at least one page, and so the scales
}

// want makes the shelf that of the selected block, empty if it was another's.
func (v *View) want() {
	b := v.state.Block
	if b < 0 || b >= len(v.trace.Blocks) {
		v.stock(shelf{})
		return
	}
	key := proto.ViewRequest{Trace: v.trace.Trace, Block: b}
	if v.state.Order == proto.OrderClass && v.state.Class >= 0 {
		key.Sort, key.Class = proto.SortClass, v.state.Class
	}
	if key == v.shelf.key && v.shelf.channels != nil {
		return
	}
	block := &v.trace.Blocks[b]
	v.stock(shelf{
		key: key, h: block.Height, w: block.Width,
		channels: slices.Repeat([]int{-1}, block.Channels),
		maps:     make([][proto.Tensors][]byte, block.Channels),
		asked:    make([]bool, (block.Channels+page-1)/page),
	})
}

// stock takes another shelf; a channel of the old one is pointed at no more.
func (v *View) stock(to shelf) {
	v.shelf = to
	if v.pointed.part == proto.PartChannel {
		v.lose()
	}
}

// put puts a page on the shelf; false: it belongs to another.
func (s *shelf) put(m *proto.ViewChannels) bool {
	key := m.ViewRequest
	key.First, key.Count, key.Holding = 0, 0, 0
	if key.Sort != proto.SortClass {
		key.Class = 0
	}
	if s.channels == nil || key != s.key || m.Total != len(s.channels) || m.Height != s.h || m.Width != s.w {
		return false
	}
	for i, c := range m.Channels {
		s.channels[m.First+i] = int(c)
		for t := range proto.Tensor(proto.Tensors) {
			s.maps[m.First+i][t] = m.Map(t, i)
		}
	}
	s.scales, s.come = m.Scales, true
	return true
}

// find is the place of a channel, if that has come.
func (s *shelf) find(channel int) (place int, ok bool) {
	place = slices.Index(s.channels, channel)
	return place, channel >= 0 && place >= 0
}

// has says whether the channel at a place has come.
func (s *shelf) has(place int) bool {
	return place >= 0 && place < len(s.channels) && s.channels[place] >= 0
}

// ask asks for the pages that are seen, and for the one with the selected channel, which may lie over the photo.
func (v *View) ask() {
	s := &v.shelf
	if len(s.channels) == 0 || v.scene() == v.scenes[0] || v.scene() == v.scenes[3] {
		return
	}
	if b, ok := v.scene().(*blockScene); ok {
		first, last := b.visible(v)
		for p := first / page; p <= last/page && p < len(s.asked); p++ {
			if !s.asked[p] {
				s.asked[p] = true
				r := s.key
				r.First, r.Count = p*page, page
				v.requests = append(v.requests, r)
			}
		}
	}
	c := v.state.Channel
	if c < 0 || c >= len(s.channels) || s.sought == c+1 {
		return
	}
	if _, ok := s.find(c); !ok {
		s.sought = c + 1
		r := s.key
		r.Count, r.Holding = page, c+1
		v.requests = append(v.requests, r)
	}
}

package paint

import (
	"slices"

	"github.com/seed8935e608/residua/wasm/proto"
)

// pageSize is how many channels are requested at a time.
const pageSize = 64

// channelCache holds the channels of one block that have arrived, each at its index in the block's order.
type channelCache struct {
	key       proto.ViewRequest // what the channels are of; First, Count and Containing are zero
	h, w      int
	channels  []int // by index in the order; −1: not here yet
	maps      [][proto.Tensors][]byte
	scales    [proto.Tensors]proto.ViewScale
	hasScales bool   // set with the first page
	requested []bool // by page
	sought    int    // 1 + the channel that was requested by its number; 0: none
	stale     []bool // by index: it is of the trace before; nil: none is
}

func newChannelCache(key proto.ViewRequest, block *proto.ViewBlock) channelCache {
	return channelCache{
		key: key, h: block.Height, w: block.Width,
		channels:  slices.Repeat([]int{-1}, block.Channels),
		maps:      make([][proto.Tensors][]byte, block.Channels),
		requested: make([]bool, (block.Channels+pageSize-1)/pageSize),
	}
}

// keep shows the channels of the trace before until those of this one come, so that a live picture does not flicker. It
// reports whether before has channels of the same block, in the same order.
func (c *channelCache) keep(before *channelCache) bool {
	was := before.key
	was.Trace = c.key.Trace
	if was != c.key || !before.hasScales || before.len() != c.len() || before.h != c.h || before.w != c.w {
		return false
	}
	c.channels, c.maps, c.scales, c.hasScales = before.channels, before.maps, before.scales, true
	c.stale = slices.Repeat([]bool{true}, c.len())
	return true
}

// len is how many channels the block has; 0: no block is selected.
func (c *channelCache) len() int { return len(c.channels) }

// put adds a page, and says whether it belongs to this block and order.
func (c *channelCache) put(m *proto.ViewChannels) bool {
	key := m.ViewRequest
	key.First, key.Count, key.Containing = 0, 0, 0
	if key.Sort != proto.SortClass {
		key.Class = 0
	}
	if c.channels == nil || key != c.key || m.Total != len(c.channels) || m.Height != c.h || m.Width != c.w {
		return false
	}
	for i, channel := range m.Channels {
		if c.stale != nil {
			if old, ok := c.find(int(channel)); ok {
				c.channels[old] = -1 // it has moved
			}
			c.stale[m.First+i] = false
		}
		c.channels[m.First+i] = int(channel)
		for t := range proto.Tensor(proto.Tensors) {
			c.maps[m.First+i][t] = m.Map(t, i)
		}
	}
	c.scales, c.hasScales = m.Scales, true
	return true
}

// find is the index of a channel, if that has arrived.
func (c *channelCache) find(channel int) (index int, ok bool) {
	index = slices.Index(c.channels, channel)
	return index, channel >= 0 && index >= 0
}

// has says whether the channel at an index has arrived.
func (c *channelCache) has(index int) bool {
	return index >= 0 && index < len(c.channels) && c.channels[index] >= 0
}

// value is what the byte at row y, column x of a channel's map stands for.
func (c *channelCache) value(t proto.Tensor, index, y, x int) float64 {
	return c.scales[t].Value(c.maps[index][t][y*c.w+x])
}

// requestRange appends requests for the pages that hold the channels first … last and have not been requested.
func (c *channelCache) requestRange(requests []proto.ViewRequest, first, last int) []proto.ViewRequest {
	for p := first / pageSize; p <= last/pageSize && p < len(c.requested); p++ {
		if c.requested[p] {
			continue
		}
		c.requested[p] = true
		r := c.key
		r.First, r.Count = p*pageSize, pageSize
		requests = append(requests, r)
	}
	return requests
}

// requestChannel appends a request for the page that contains a channel, if that has neither arrived nor been
// requested.
func (c *channelCache) requestChannel(requests []proto.ViewRequest, channel int) []proto.ViewRequest {
	if channel < 0 || channel >= len(c.channels) || c.sought == channel+1 {
		return requests
	}
	if i, ok := c.find(channel); ok && (c.stale == nil || !c.stale[i]) {
		return requests
	}
	c.sought = channel + 1
	r := c.key
	r.Count, r.Containing = pageSize, channel+1
	return append(requests, r)
}

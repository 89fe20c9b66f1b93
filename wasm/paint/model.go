package paint

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/seed8935e608/residua/wasm/proto"
)

// model is what the view shows: the engine's messages and the page's state.
type model struct {
	state    proto.ViewState
	trace    *proto.ViewOverview // nil: none yet
	overlay  *proto.ViewOverlay  // nil: none
	sweep    *proto.ViewSweep    // nil: none
	channels channelCache        // of the selected block
	lab      lab
}

// dirty says what is out of date.
type dirty struct {
	layout bool // where things are; implies the other three
	image  bool // the static layer
	labels bool
	tips   bool
}

// receive takes a message and says what it makes out of date. A message about another trace than the current one comes
// too late, and is ignored.
func (m *model) receive(message proto.ViewMessage) (dirty, error) {
	switch message := message.(type) {
	case *proto.ViewOverview:
		if len(message.Blocks) == 0 {
			return dirty{}, errors.New("paint: a trace without blocks")
		}
		m.trace, m.overlay, m.sweep = message, nil, nil
	case *proto.ViewChannels:
		changed := m.channels.put(message)
		return dirty{image: changed, labels: changed, tips: changed}, nil
	case *proto.ViewOverlay:
		if message.Trace != m.traceNumber() {
			return dirty{}, nil
		}
		m.overlay = message
		if len(message.Map) == 0 {
			m.overlay = nil
		}
	case *proto.ViewSweep:
		if message.Trace != m.traceNumber() {
			return dirty{}, nil
		}
		m.sweep = message
	default:
		scene, err := m.lab.receive(message)
		return dirty{layout: m.showsLab() && (scene == m.state.Scene || scene == "")}, err
	}
	return dirty{layout: !m.showsLab()}, nil
}

// showsLab says whether the scene is one of the Skip lab's.
func (m *model) showsLab() bool {
	return slices.Index(proto.ViewScenes, m.state.Scene) >= slices.Index(proto.ViewScenes, proto.SceneSignal)
}

// hasContent says whether the scene has anything to show.
func (m *model) hasContent() bool {
	if m.showsLab() {
		return len(m.lab.networks) > 0
	}
	return m.trace != nil
}

// traceNumber is the number of the trace that is shown; −1: none.
func (m *model) traceNumber() int {
	if m.trace == nil {
		return -1
	}
	return m.trace.Trace
}

// selectBlock makes the cache that of the selected block, and says whether it is another one now. The new cache is
// empty, unless a live picture's still has the one before.
func (m *model) selectBlock() bool {
	b := m.state.Block
	if b < 0 || b >= len(m.trace.Blocks) {
		had := m.channels.len() > 0
		m.channels = channelCache{}
		return had
	}
	key := proto.ViewRequest{Trace: m.trace.Trace, Block: b}
	if m.state.Order == proto.OrderClass && m.state.Class >= 0 {
		key.Sort, key.Class = proto.SortClass, m.state.Class
	}
	if key == m.channels.key && m.channels.len() > 0 {
		return false
	}
	before := m.channels
	m.channels = newChannelCache(key, &m.trace.Blocks[b])
	return !m.state.Live || !m.channels.keep(&before)
}

// ablation is what was taken out of a block.
func (m *model) ablation(block int) proto.Ablation {
	if len(m.state.Ablate) == 0 {
		return "" // the common case, without making a string
	}
	return m.state.Ablate[strconv.Itoa(block)]
}

// hasSweep says whether there is a sweep of this network and of the selected class.
func (m *model) hasSweep() bool {
	return m.sweep != nil && len(m.sweep.Without) == len(m.trace.Blocks) &&
		(m.state.Class < 0 || m.state.Class == m.sweep.Class)
}

// hasKnowledge says whether it is known what each block of this network knows.
func (m *model) hasKnowledge() bool {
	return len(m.state.Knowledge) == len(m.trace.Blocks)
}

// indexInStage is a block's index in its stage, from 1.
func (m *model) indexInStage(block int) int {
	index := 1
	for k := block; k > 0 && m.trace.Blocks[k-1].Stage == m.trace.Blocks[block].Stage; k-- {
		index++
	}
	return index
}

// photoShape is the height and the width of the photo as the network gets it; zeros before there is one.
func (m *model) photoShape() (height, width int) {
	if m.trace == nil {
		return 0, 0
	}
	return m.trace.Photo.Height, m.trace.Photo.Width
}

// heatmap is a map that lies over the photo.
type heatmap struct {
	pixels []byte
	h, w   int
	scale  proto.ViewScale
}

// heatmap is what lies over the photo: the selected channel where one block or the photo is shown, else what the engine
// or the page sent.
func (m *model) heatmap() (heatmap, bool) {
	c := &m.channels
	if m.state.Channel >= 0 && c.len() > 0 && m.usesChannels() {
		i, ok := c.find(m.state.Channel)
		if !ok {
			return heatmap{}, false // it has been asked for
		}
		t := m.tensor()
		return heatmap{c.maps[i][t], c.h, c.w, c.scales[t]}, true
	}
	if o := m.overlay; o != nil {
		return heatmap{o.Map, o.Height, o.Width, o.Scale}, true
	}
	return heatmap{}, false
}

// usesChannels says whether the scene shows channels of the selected block.
func (m *model) usesChannels() bool {
	return m.state.Scene == proto.SceneBlock || m.state.Scene == proto.ScenePhoto
}

// tensor is the one whose channel the page has selected; y if it did not say.
func (m *model) tensor() proto.Tensor {
	for t, name := range proto.ViewTensors {
		if name == m.state.Tensor {
			return proto.Tensor(t)
		}
	}
	return proto.TensorY
}

// overlayOf makes an overlay of height×width values. Its scale reaches from the least value to the greatest, and
// includes zero.
func overlayOf(trace, height, width int, values []float32) (*proto.ViewOverlay, error) {
	sound := height >= 1 && height <= proto.MaxViewSide && width >= 1 && width <= proto.MaxViewSide
	if trace < 0 || !sound || len(values) != height*width {
		return nil, fmt.Errorf("paint: a map of %d×%d with %d values over trace %d", height, width, len(values), trace)
	}
	o := &proto.ViewOverlay{Trace: trace, Height: height, Width: width, Map: make([]byte, len(values))}
	for _, x := range values {
		if !(x >= -math.MaxFloat32/4 && x <= math.MaxFloat32/4) {
			return nil, fmt.Errorf("paint: a map with the value %v", x)
		}
		o.Scale.Lo, o.Scale.Hi = min(o.Scale.Lo, x), max(o.Scale.Hi, x)
	}
	if span := o.Scale.Hi - o.Scale.Lo; span > 0 {
		for i, x := range values {
			o.Map[i] = byte((x-o.Scale.Lo)/span*255 + 0.5)
		}
	}
	return o, nil
}

// plain says whether the network has no shortcuts. Then a block's x is zeros, and its ratio and cosine say nothing.
func (m *model) plain() bool { return m.state.Join == "none" }

// ratioOf is ‖F‖/‖x‖: how much a block adds. It is 0 where x is zero.
func ratioOf(b *proto.ViewBlock) float64 {
	if b.NormX == 0 {
		return 0
	}
	return float64(b.NormF) / float64(b.NormX)
}

// maxRatio is the ratio that fills its bar: the greatest of all blocks, rounded up to halves, from 1.5 to 8. Greater
// ones are cut off.
func maxRatio(o *proto.ViewOverview) float64 {
	most := 1.5
	for i := range o.Blocks {
		most = max(most, math.Ceil(min(ratioOf(&o.Blocks[i]), 8)*2)/2)
	}
	return most
}

package paint

import (
	"slices"
	"testing"

	"github.com/seed8935e608/residua/wasm/paint/sample"
	"github.com/seed8935e608/residua/wasm/proto"
)

// asked is what the view asks for in a frame, with no engine to answer.
func asked(v *View) []proto.ViewRequest {
	v.Update()
	return v.Requests()
}

func TestRequests(t *testing.T) {
	v := New()
	v.Resize(1280, 800, 1)
	take(t, v, sample.Overview(sample.Layers))
	v.SetState(state(nil))
	if r := asked(v); r != nil {
		t.Errorf("the network asks for %+v", r)
	}
	v.SetState(state(func(s *proto.ViewState) {
		s.Scene, s.Block, s.Order, s.Class = proto.SceneBlock, 15, proto.OrderClass, 970
	}))
	r := asked(v)
	want := proto.ViewRequest{Trace: sample.Trace, Block: 15, Sort: proto.SortClass, Class: 970, Count: pageSize}
	if len(r) == 0 || r[0] != want {
		t.Fatalf("a block asks for %+v, want %+v first", r, want)
	}
	if again := asked(v); again != nil {
		t.Errorf("it asks again: %+v", again)
	}
	// Down the list, page after pageSize, each once.
	got := map[int]int{}
	for _, r := range r {
		got[r.First]++
	}
	w := v.scene().(*blockScene).columns[0].pane
	for v.Wheel(w.x+5, w.y+5, 0, 200, false) {
		for _, r := range asked(v) {
			got[r.First]++
			if r.Block != 15 || r.Count != pageSize || r.Containing != 0 {
				t.Errorf("it asks for %+v", r)
			}
		}
	}
	for first := 0; first < 2048; first += pageSize {
		if got[first] != 1 {
			t.Errorf("the page from %d is asked for %d times", first, got[first])
		}
	}

	// A selected channel is requested by its number; once it has arrived, its map lies over the photo.
	v.SetState(state(func(s *proto.ViewState) { s.Scene, s.Block, s.Channel = proto.SceneBlock, 13, 2000 }))
	r = asked(v)
	at := slices.IndexFunc(r, func(r proto.ViewRequest) bool { return r.Containing == 2001 })
	if at < 0 {
		t.Fatalf("for channel 2000 it asks for %+v", r)
	}
	if _, ok := v.model.heatmap(); ok {
		t.Error("a channel that has not arrived lies over the photo")
	}
	take(t, v, sample.Channels(v.model.trace, r[at]))
	v.Update()
	if place, ok := v.model.channels.find(2000); !ok || place*37%2048 != 2000 {
		t.Errorf("channel 2000 is at place %d, %v", place, ok)
	}
	if over, ok := v.model.heatmap(); !ok || over.h != 7 || over.w != 7 {
		t.Errorf("over the photo lies %+v, %v", over, ok)
	}
	// So does the large photo, which asks for nothing else.
	v.SetState(state(func(s *proto.ViewState) { s.Scene, s.Block, s.Channel, s.Tensor = proto.ScenePhoto, 7, 77, "f" }))
	if r = asked(v); len(r) != 1 || r[0].Containing != 78 || r[0].Block != 7 {
		t.Fatalf("the photo asks for %+v", r)
	}
	take(t, v, sample.Overlay())
	if _, ok := v.model.heatmap(); ok {
		t.Error("before the channel has arrived something else lies over the photo")
	}
	take(t, v, sample.Channels(v.model.trace, r[0]))
	v.Update()
	if over, ok := v.model.heatmap(); !ok || over.scale != v.model.channels.scales[proto.TensorF] {
		t.Errorf("over the photo lies %+v, %v", over, ok)
	}
	v.SetState(state(func(s *proto.ViewState) { s.Scene, s.Block = proto.ScenePhoto, 7 }))
	if over, ok := v.model.heatmap(); !ok || over.h != 7 || over.scale.Lo != 0 {
		t.Errorf("without a channel over the photo lies %+v, %v", over, ok)
	}
	v.SetState(state(func(s *proto.ViewState) { s.Scene, s.Block, s.Channel = proto.SceneBlock, 13, 2048 }))
	if r := asked(v); slices.ContainsFunc(r, func(r proto.ViewRequest) bool { return r.Containing > 0 }) {
		t.Errorf("for a channel that there is not it asks for %+v", r)
	}
	v.SetState(state(func(s *proto.ViewState) { s.Scene, s.Block = proto.SceneBlock, 16 }))
	if r := asked(v); r != nil {
		t.Errorf("of a block that there is not it asks for %+v", r)
	}
	frame(t, v)
}

// TestWrongPages: a page of another trace, block, order, class or size is not cached.
func TestWrongPages(t *testing.T) {
	for name, spoil := range map[string]func(*proto.ViewChannels){
		"trace":  func(m *proto.ViewChannels) { m.Trace++ },
		"block":  func(m *proto.ViewChannels) { m.Block++ },
		"order":  func(m *proto.ViewChannels) { m.Sort = proto.SortClass },
		"number": func(m *proto.ViewChannels) { m.Total /= 2 },
		"height": func(m *proto.ViewChannels) { m.Height /= 2 },
	} {
		v := New()
		v.Resize(640, 480, 1)
		take(t, v, sample.Overview(sample.Layers))
		v.SetState(state(func(s *proto.ViewState) { s.Scene, s.Block = proto.SceneBlock, 4 }))
		r := asked(v)
		v.Draw()
		m := sample.Channels(v.model.trace, r[0])
		spoil(m)
		take(t, v, m)
		if v.model.channels.has(0) || v.dirty.image {
			t.Errorf("a page of another %s is cached", name)
		}
	}
}

// A live picture's channels stay until those of the next come, which are asked for all the same.
func TestLiveChannels(t *testing.T) {
	for _, live := range []bool{false, true} {
		v := New()
		v.Resize(1280, 800, 1)
		overview := sample.Overview(sample.Layers)
		take(t, v, overview)
		v.SetState(state(func(s *proto.ViewState) { s.Scene, s.Block, s.Live = proto.SceneBlock, 15, live }))
		first := asked(v)
		if len(first) == 0 {
			t.Fatal("a block asks for nothing")
		}
		for _, r := range first {
			take(t, v, sample.Channels(overview, r))
		}
		next := sample.Overview(sample.Layers)
		next.Trace++
		take(t, v, next)
		second := asked(v)
		for i := range first {
			first[i].Trace++
		}
		if !slices.Equal(second, first) {
			t.Errorf("live %v: the next trace asks for %+v, want %+v", live, second, first)
		}
		c := &v.model.channels
		if c.has(0) != live {
			t.Errorf("live %v: a channel of the trace before is there: %v", live, c.has(0))
		}
		// A channel that has another place in the new order stands there only.
		page := sample.Channels(next, second[0])
		page.Channels[0], page.Channels[1] = page.Channels[1], page.Channels[0]
		moved := int(page.Channels[1])
		take(t, v, page)
		if i, ok := c.find(moved); !ok || i != page.First+1 || c.channels[page.First] == moved {
			t.Errorf("live %v: channel %d is at %d (%v), want %d", live, moved, i, ok, page.First+1)
		}
	}
}

// TestCache: pages stay in the cache while the block is selected.
func TestCache(t *testing.T) {
	s := state(func(s *proto.ViewState) { s.Scene, s.Block = proto.SceneBlock, 4 })
	v := start(t, 640, 480, 1, s)
	s.Dark, s.Channel = true, 3
	v.SetState(s)
	frame(t, v)
	if !v.model.channels.has(0) {
		t.Error("another theme empties the cache")
	}
	v.Resize(800, 600, 1)
	frame(t, v)
	if !v.model.channels.has(0) {
		t.Error("another size empties the cache")
	}
	s.Block = 5
	v.SetState(s)
	v.Update()
	if v.model.channels.has(0) {
		t.Error("another block has the last one's channels")
	}
	second := sample.Overview(sample.Layers)
	second.Trace++
	frame(t, v)
	take(t, v, second)
	v.Update()
	if v.model.channels.has(0) {
		t.Error("another trace has the last one's channels")
	}
}

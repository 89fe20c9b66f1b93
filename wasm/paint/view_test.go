package paint

import (
	"encoding/binary"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/seed8935e608/residua/wasm/paint/sample"
	"github.com/seed8935e608/residua/wasm/proto"
)

// TestDamage: after every step of a long random sequence of pointer, keys, zoom, animation and the page's
// state, the pixels are those of a view that paints the same from nothing. So no box that changed stays unpainted, and
// nothing is painted over what it should not.
func TestDamage(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 11))
			w, h := 360+random.IntN(400), 300+random.IntN(300)
			ratio := []float64{1, 1.25, 2}[random.IntN(3)]
			s := state(nil)
			v := start(t, w, h, ratio, s)
			keys := []string{"ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "+", "-", "0", "PageDown", "Enter"}
			x, y := 0.0, 0.0
			done := ""
			for step := range 150 {
				switch n := random.IntN(20); {
				case n < 11:
					if random.IntN(4) == 0 {
						x, y = random.Float64()*v.viewport.width(), random.Float64()*v.viewport.height()
					} else {
						x, y = x+20*random.NormFloat64(), y+20*random.NormFloat64()
					}
					v.Point(x, y)
					done = fmt.Sprint("point ", x, y)
				case n == 11:
					v.Leave()
					done = "leave"
				case n == 12:
					key := keys[random.IntN(len(keys))]
					v.Key(key, random.IntN(3) == 0)
					done = key
				case n == 13:
					v.Wheel(x, y, 0, 100*random.NormFloat64(), true)
					done = "wheel"
				case n == 14:
					v.Press(1, x, y, true)
					v.Drag(1, x+50*random.NormFloat64(), y+50*random.NormFloat64())
					v.Release(1, x, y, false)
					done = "drag"
				case n < 18:
					s.Play = min(max(s.Play, 0)+0.03*random.Float64(), 1)
					if random.IntN(10) == 0 {
						s.Play = -1
					}
					v.SetState(s)
					done = fmt.Sprint("play ", s.Play)
				case n == 18:
					switch random.IntN(8) {
					case 0:
						s.Dark = !s.Dark
					case 1:
						s.Block = random.IntN(len(v.model.trace.Blocks)+1) - 1
					case 2:
						s.Scene = proto.ViewScenes[random.IntN(len(proto.ViewScenes))]
					case 3:
						block, ablation := fmt.Sprint(random.IntN(16)), proto.Ablations[random.IntN(2)]
						s.Ablate = map[string]proto.Ablation{block: ablation}
					case 4:
						s.Map = proto.ViewColormaps[random.IntN(len(proto.ViewColormaps))]
					case 5:
						s.Channel = random.IntN(300) - 1
					case 6:
						s.ReducedMotion = !s.ReducedMotion
					case 7:
						s.Knowledge = invented(len(v.model.trace.Blocks))
					}
					v.SetState(s)
					done = fmt.Sprintf("state %+v", s)
				case n == 19 && random.IntN(3) == 0: // another network, or a finger's tap
					o := sample.Overview(nets[random.IntN(2)])
					o.Trace = step
					take(t, v, o)
					done = "trace"
				case n == 19 && random.IntN(2) == 0:
					v.Leave()
					v.Press(1, x, y, false)
					v.Release(1, x, y, false)
					done = "tap"
				case n == 19:
					sweep, overlay := sample.Sweep(v.model.trace), sample.Overlay()
					sweep.Trace, overlay.Trace = v.Trace(), v.Trace()
					take(t, v, []proto.ViewMessage{sweep, overlay}[random.IntN(2)])
					done = "message"
				}
				frame(t, v)
				got := picture(v)
				v.dirty.image = true
				v.Draw()
				if first, ok := differ(got, picture(v)); ok {
					t.Fatalf("step %d (%s) in scene %s: the pixel %v is not what painting all gives",
						step, done, s.Scene, first)
				}
			}
		})
	}
}

// differ is the first pixel in which two pictures of one size differ.
func differ(a, b *image.NRGBA) (image.Point, bool) {
	if string(a.Pix) == string(b.Pix) {
		return image.Point{}, false
	}
	for i := range a.Pix {
		if a.Pix[i] != b.Pix[i] {
			return image.Pt(i/4%a.Rect.Dx(), i/4/a.Rect.Dx()), true
		}
	}
	return image.Point{}, true
}

// TestNoAllocations: pointing and playing, frame by frame, leave nothing for the collector.
func TestNoAllocations(t *testing.T) {
	for _, scene := range lookScenes {
		v := start(t, 1280, 800, 1, state(func(s *proto.ViewState) { s.Scene, s.Block = scene, 4 }))
		s, i := v.model.state, 0
		if n := testing.AllocsPerRun(200, func() {
			i++
			v.Point(float64(100+i*37%1000), float64(100+i*53%600))
			s.Play = float64(i%100) / 100
			v.SetState(s)
			v.Update()
			v.Draw()
			v.outbox.events = v.outbox.events[:0] // the page's, which takes them
		}); n != 0 {
			t.Errorf("a frame of scene %s makes %v allocations", scene, n)
		}
	}
}

// TestIdle: the same state, size or place again changes nothing, and then nothing is painted.
func TestIdle(t *testing.T) {
	for _, scene := range lookScenes {
		v := start(t, 640, 480, 1, state(func(s *proto.ViewState) { s.Scene, s.Block = scene, 4 }))
		v.Point(300, 200)
		frame(t, v)
		v.Events()
		v.SetState(v.model.state)
		v.Resize(640, 480, 1)
		v.Point(300, 200)
		if v.Changed() {
			t.Errorf("scene %s: the view has changed", scene)
		}
		if boxes := frame(t, v); len(boxes) > 0 {
			t.Errorf("scene %s: %v is painted again", scene, boxes)
		}
		if e := v.Events(); e != nil {
			t.Errorf("scene %s: events %+v", scene, e)
		}
	}
}

// TestHoverIsSmall: pointing at another place repaints a small part of the canvas: two frames of the network, or four
// enlarged channels and the photo. All of it has 1,024,000 pixels.
func TestHoverIsSmall(t *testing.T) {
	for scene, want := range map[proto.ViewScene]int{proto.SceneNetwork: 7925, proto.SceneBlock: 267321} {
		v := start(t, 1280, 800, 1, state(func(s *proto.ViewState) { s.Scene, s.Block = scene, 4 }))
		v.Point(300, 320)
		frame(t, v)
		v.Point(340, 360)
		area := 0
		for _, r := range frame(t, v) {
			area += r.Dx() * r.Dy()
		}
		if area != want {
			t.Errorf("scene %s: %d pixels are painted, want %d", scene, area, want)
		}
	}
}

// TestReceive: messages that are not for the trace that is shown change nothing; those that make no sense are refused.
func TestReceive(t *testing.T) {
	v := start(t, 640, 480, 1, state(nil))
	sweep, overlay := sample.Sweep(v.model.trace), sample.Overlay()
	sweep.Trace, overlay.Trace = 99, 99
	for _, m := range []proto.ViewMessage{sweep, overlay} {
		take(t, v, m)
		if v.Changed() || v.model.sweep != nil || v.model.overlay != nil {
			t.Errorf("a %T of another trace is shown", m)
		}
	}
	if err := v.Receive(&proto.ViewOverview{}); err == nil {
		t.Error("a trace without blocks is taken")
	}
	if err := v.Receive(&proto.ViewRequest{}); err == nil {
		t.Error("a request is taken")
	}
	if v.Trace() != sample.Trace {
		t.Error("the trace is gone")
	}
	// A sweep of another network's number of blocks has no places to stand in.
	short := sample.Sweep(v.model.trace)
	short.Without = short.Without[:3]
	take(t, v, short)
	frame(t, v)
	if v.model.hasSweep() {
		t.Error("a sweep of 3 blocks fits 16")
	}
	// Nor does one of another class than the one that is meant.
	whole := sample.Sweep(v.model.trace)
	take(t, v, whole)
	for class, want := range map[int]bool{-1: true, whole.Class: true, whole.Class + 1: false} {
		v.SetState(state(func(s *proto.ViewState) { s.Class = class }))
		frame(t, v)
		if got := v.scene().(*networkScene).bars.sweep; got != want {
			t.Errorf("with class %d a sweep of class %d is shown: %v", class, whole.Class, got)
		}
	}
	// A new trace takes away what lay over the old one's photo.
	take(t, v, sample.Overlay())
	frame(t, v)
	take(t, v, sample.Overview(sample.Layers))
	if v.model.overlay != nil || v.model.sweep != nil {
		t.Error("a new trace keeps the old overlay or sweep")
	}
}

// TestHoverGone: after a tap the highlight stays; what it is on may be a larger map than the next one.
func TestHoverGone(t *testing.T) {
	v := start(t, 900, 600, 1, state(func(s *proto.ViewState) { s.Scene, s.Block = proto.SceneBlock, 0 }))
	r := v.scene().(*blockScene).columns[1].enlarged
	v.Press(1, r.right()-2, r.bottom()-2, false)
	v.Release(1, r.right()-2, r.bottom()-2, false)
	frame(t, v)
	if v.dynamic.hover.y != 55 || v.dynamic.hover.x != 55 {
		t.Fatalf("the finger points at %+v", v.dynamic.hover)
	}
	v.Events()
	v.SetState(state(func(s *proto.ViewState) { s.Scene, s.Block = proto.SceneBlock, 13 }))
	frame(t, v)
	if e := v.Events(); len(e) != 1 || e[0].Kind != proto.EventHover || e[0].Part != proto.PartNone {
		t.Errorf("the page hears %+v, want that nothing is highlighted", e)
	}
	v.SetState(state(nil))
	frame(t, v)
	// Under a pointer that does not move, a new trace's values are known when its channels arrive.
	v.SetState(state(func(s *proto.ViewState) { s.Scene, s.Block = proto.SceneBlock, 13 }))
	frame(t, v)
	v.Point(r.x+5, r.y+5)
	frame(t, v)
	o := sample.Overview(sample.Layers)
	o.Trace++
	take(t, v, o)
	frame(t, v)
	if v.dynamic.hover.part != proto.PartChannel || !v.dynamic.hover.known {
		t.Errorf("after a new trace the pointer is at %+v", v.dynamic.hover)
	}
}

// TestInputBeforeUpdate: input that comes before the first frame of a scene finds that scene laid out.
func TestInputBeforeUpdate(t *testing.T) {
	s := state(func(s *proto.ViewState) { s.Scene, s.Block, s.Channel = proto.ScenePhoto, 4, 7 })
	v := start(t, 640, 480, 1, s)
	s.Scene = proto.SceneBlock
	v.SetState(s)
	v.Key("ArrowRight", false)
	index, _ := v.model.channels.find(7)
	want := noTarget
	want.part, want.block, want.channel, want.index = proto.PartChannel, 4, 7, index
	if v.dynamic.hover != want {
		t.Errorf("the key leads to %+v, want %+v", v.dynamic.hover, want)
	}
}

func TestEmpty(t *testing.T) {
	v := New()
	v.Point(1, 2)
	v.Key("ArrowLeft", false)
	v.Wheel(1, 2, 3, 4, true)
	v.Press(1, 1, 2, true)
	v.Release(1, 1, 2, false)
	v.Update()
	if v.Draw() != nil {
		t.Error("a view without a size is painted")
	}
	v.Resize(20, 10, 1)
	v.SetState(state(func(s *proto.ViewState) { s.Dark = true }))
	frame(t, v)
	pix, w, h := v.Pixels()
	if w != 20 || h != 10 || len(pix) != 800 {
		t.Fatalf("%d bytes for %d×%d", len(pix), w, h)
	}
	for i := 0; i < len(pix); i += 4 {
		if got := Color(binary.LittleEndian.Uint32(pix[i:])); got != dark.paper {
			t.Fatalf("pixel %d is %x, want the page's ground %x", i/4, got, dark.paper)
		}
	}
	if labels, _ := v.Labels(); len(labels) > 0 {
		t.Errorf("an empty view has the labels %v", labels)
	}
}

func TestHeatmap(t *testing.T) {
	v := start(t, 640, 480, 1, state(nil))
	if err := v.SetHeatmap(1, 3, []float32{0.5, 0, 1}); err != nil {
		t.Fatal(err)
	}
	want := &proto.ViewOverlay{
		Trace: sample.Trace, Height: 1, Width: 3, Scale: proto.ViewScale{Lo: 0, Hi: 1}, Map: []byte{128, 0, 255},
	}
	if !reflect.DeepEqual(v.model.overlay, want) {
		t.Errorf("it lies as %+v, want %+v", v.model.overlay, want)
	}
	v.SetHeatmap(1, 2, []float32{-2, 2})
	if v.model.overlay.Scale != (proto.ViewScale{Lo: -2, Hi: 2}) {
		t.Errorf("the scale is %v", v.model.overlay.Scale)
	}
	v.SetHeatmap(1, 2, []float32{0, 0})
	want = &proto.ViewOverlay{Trace: sample.Trace, Height: 1, Width: 2, Map: []byte{0, 0}}
	if !reflect.DeepEqual(v.model.overlay, want) {
		t.Errorf("zeros lie as %+v", v.model.overlay)
	}
	inf := float32(math.Inf(1))
	for _, bad := range []struct {
		h, w   int
		values []float32
	}{
		{2, 2, []float32{1}}, {0, 0, nil}, {-1, -1, []float32{1}}, {1, 1, []float32{inf}}, {1, 1, []float32{inf - inf}},
		{1, 1025, make([]float32, 1025)},
	} {
		if err := v.SetHeatmap(bad.h, bad.w, bad.values); err == nil {
			t.Errorf("%d×%d of %d values is laid", bad.h, bad.w, len(bad.values))
		}
	}
	if v.ClearHeatmap(); v.model.overlay != nil {
		t.Error("it is not lifted")
	}
	if err := New().SetHeatmap(1, 1, []float32{1}); err == nil {
		t.Error("a map is laid over no photo")
	}
}

func ablate(block string, a proto.Ablation) map[string]proto.Ablation {
	return map[string]proto.Ablation{block: a}
}

// TestShows: what the state asks for is to be seen: each of these changes some pixels, and none a pixel in the other
// themes' paper.
func TestShows(t *testing.T) {
	base := state(func(s *proto.ViewState) { s.Block = 4 })
	for name, change := range map[string]func(*proto.ViewState){
		"another block":     func(s *proto.ViewState) { s.Block = 5 },
		"no block":          func(s *proto.ViewState) { s.Block = -1 },
		"a block too many":  func(s *proto.ViewState) { s.Block = 16 },
		"F taken out":       func(s *proto.ViewState) { s.Ablate = ablate("7", proto.AblateResidual) },
		"the shortcut cut":  func(s *proto.ViewState) { s.Ablate = ablate("7", proto.AblateShortcut) },
		"another map":       func(s *proto.ViewState) { s.Map = proto.ColormapMagma },
		"the dark":          func(s *proto.ViewState) { s.Dark = true },
		"the photo on tour": func(s *proto.ViewState) { s.Play = 0.3 },
		"the other scene":   func(s *proto.ViewState) { s.Scene = proto.SceneBlock },
	} {
		v := start(t, 640, 480, 1, base)
		before := picture(v)
		s := base
		change(&s)
		v.SetState(s)
		frame(t, v)
		if _, ok := differ(before, picture(v)); !ok {
			t.Errorf("%s is not to be seen", name)
		}
		v.SetState(base)
		frame(t, v)
		if at, ok := differ(before, picture(v)); ok {
			t.Errorf("%s leaves a trace at %v", name, at)
		}
	}
	// Two kinds of blocks: a projection's shortcut has a box.
	o := sample.Overview([]int{2})
	o.Blocks[1] = o.Blocks[0]
	a := startWith(t, o, 640, 480, 1, base)
	before := picture(a)
	same := *o
	same.Blocks = append([]proto.ViewBlock(nil), o.Blocks...)
	same.Blocks[1].Projection = false
	if _, ok := differ(before, picture(startWith(t, &same, 640, 480, 1, base))); !ok {
		t.Error("a projection block looks like an identity block")
	}
}

package paint

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed8935e608/residua/wasm/paint/sample"
	"github.com/seed8935e608/residua/wasm/proto"
)

// A golden picture is a view of the sample, pixel by pixel. RESIDUA_GOLDEN=1 go test ./wasm/paint writes them anew;
// look at them then.

// lookScenes are those of Look inside.
var lookScenes = proto.ViewScenes[:4]

// start is a view of the sample with ResNet-50's layers, settled and painted.
func start(t testing.TB, w, h int, ratio float64, s proto.ViewState) *View {
	t.Helper()
	return startWith(t, sample.Overview(sample.Layers), w, h, ratio, s)
}

func startWith(t testing.TB, o *proto.ViewOverview, w, h int, ratio float64, s proto.ViewState) *View {
	t.Helper()
	v := New()
	v.Resize(w, h, ratio)
	v.SetState(s)
	take(t, v, o)
	frame(t, v)
	return v
}

func take(t testing.TB, v *View, m proto.ViewMessage) {
	t.Helper()
	if err := v.Receive(m); err != nil {
		t.Fatal(err)
	}
}

// frame brings the view up to date, with a sample's engine at its other end.
func frame(t testing.TB, v *View) []image.Rectangle {
	t.Helper()
	v.Update()
	for _, r := range v.Requests() {
		take(t, v, sample.Channels(v.model.trace, r))
	}
	v.Update()
	v.Labels()
	v.Tips()
	return v.Draw()
}

// state is the page's state at first.
func state(change func(*proto.ViewState)) proto.ViewState {
	s := proto.ViewState{
		Scene: proto.SceneNetwork, Block: -1, Channel: -1, Class: -1, Tensor: "y", Order: proto.OrderEnergy,
		Map: proto.ColormapViridis, Opacity: 0.6, Play: -1, Language: "en",
	}
	if change != nil {
		change(&s)
	}
	return s
}

func picture(v *View) *image.NRGBA {
	pix, w, h := v.Pixels()
	return &image.NRGBA{Pix: bytes.Clone(pix), Stride: 4 * w, Rect: image.Rect(0, 0, w, h)}
}

func checkGolden(t *testing.T, name string, v *View) {
	t.Helper()
	got := picture(v)
	path := filepath.Join("testdata", name+".png")
	if os.Getenv("RESIDUA_GOLDEN") != "" {
		var b bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, got); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if got.Rect != want.Bounds() {
		t.Fatalf("the picture is %v, want %v", got.Rect, want.Bounds())
	}
	wrong, first := 0, image.Point{}
	for y := range got.Rect.Dy() {
		for x := range got.Rect.Dx() {
			r, g, b, a := got.At(x, y).RGBA()
			wr, wg, wb, wa := want.At(x, y).RGBA()
			if r != wr || g != wg || b != wb || a != wa {
				if wrong == 0 {
					first = image.Pt(x, y)
				}
				wrong++
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%s: %d pixels differ, the first at %v", name, wrong, first)
	}
}

func TestGolden(t *testing.T) {
	type size struct {
		w, h  int
		ratio float64
	}
	desktop, phone := size{1280, 800, 1}, size{390, 844, 1}
	for name, g := range map[string]struct {
		size
		state proto.ViewState
		act   func(v *View)
	}{
		"network-desktop": {size: desktop, state: state(nil)},
		"network-phone":   {size: phone, state: state(nil)},
		"network-dark": {size: desktop, state: state(func(s *proto.ViewState) {
			s.Dark, s.Play, s.Block, s.Map = true, 0.59, 5, proto.ColormapMagma
			s.Ablate = map[string]proto.Ablation{"4": proto.AblateResidual, "8": proto.AblateShortcut}
		}), act: func(v *View) {
			v.Receive(sample.Sweep(v.model.trace))
			v.Receive(sample.Overlay())
		}},
		"block-desktop": {size: desktop, state: state(func(s *proto.ViewState) {
			s.Scene, s.Block, s.Channel = proto.SceneBlock, 4, 185
		}), act: func(v *View) {
			frame(t, v)
			v.Point(616, 389) // as web/test/view.test.mjs does
		}},
		"block-phone": {size: phone, state: state(func(s *proto.ViewState) {
			s.Scene, s.Block, s.Dark = proto.SceneBlock, 13, true
		})},
		"photo-overlay": {size: size{640, 480, 1}, state: state(func(s *proto.ViewState) {
			s.Scene, s.Map = proto.ScenePhoto, proto.ColormapMagma
		}), act: func(v *View) { v.Receive(sample.Overlay()) }},
		"filters": {size: size{480, 480, 2}, state: state(func(s *proto.ViewState) { s.Scene = proto.SceneFilters })},
	} {
		t.Run(name, func(t *testing.T) {
			v := start(t, g.w, g.h, g.ratio, g.state)
			if g.act != nil {
				g.act(v)
				frame(t, v)
			}
			checkGolden(t, name, v)
		})
	}
}

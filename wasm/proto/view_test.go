package proto

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
)

// viewGoldens are small messages of each kind with their bytes, field by field. A change here needs a new ViewVersion.
var viewGoldens = []struct {
	message ViewMessage
	bytes   string
}{
	{&ViewOverview{
		Trace:   7,
		Photo:   ViewPicture{1, 2, []byte{1, 2, 3, 4, 5, 6}},
		Filters: []ViewPicture{{1, 1, []byte{9, 8, 7}}},
		Stem:    ViewTiles{1, 2, []ViewTile{{63, ViewScale{0, 2}, []byte{10, 11}}}},
		Blocks: []ViewBlock{{
			Name: "a.0", Stage: 1, Height: 56, Width: 55, Channels: 256, Projection: true,
			NormX: 1, NormF: 0.5, NormY: 2, Cosine: -0.25,
			Tiles: ViewTiles{1, 1, []ViewTile{{255, ViewScale{-1, 1}, []byte{128}}}},
		}},
		Features: ViewFeatures{ViewScale{0, 4}, []byte{5, 6, 7}},
		Top:      []ViewClass{{999, 0.5, "b"}},
	}, `01 01  07000000
		0100 0200 010203040506
		01000000  0100 0100 090807
		0100 0200 01000000  3f000000 00000000 00000040 0a0b
		01000000  0300 612e30  0100 3800 3700 00010000 01  0000803f 0000003f 00000040 000080be
			0100 0100 01000000  ff000000 000080bf 0000803f 80
		00000000 00008040 03000000 050607
		01000000  e7030000 0000003f 0100 62`},
	{&ViewChannels{
		ViewRequest: ViewRequest{Trace: 7, Block: 15, Sort: SortClass, Class: 999, First: 64, Count: 2, Containing: 4},
		Total:       2048, Height: 1, Width: 2,
		Channels: []uint32{3, 2047},
		Scales:   [Tensors]ViewScale{{0, 1}, {-1, 1}, {-2, 2}, {0, 2}},
		Maps:     [Tensors][]byte{{1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, 11, 12}, {13, 14, 15, 16}},
	}, `01 02  07000000 0f000000 01 e7030000 40000000 02000000 04000000
		00080000 0100 0200
		02000000 03000000 ff070000
		00000000 0000803f 01020304
		000080bf 0000803f 05060708
		000000c0 00000040 090a0b0c
		00000000 00000040 0d0e0f10`},
	{&ViewOverlay{Trace: 7, Height: 1, Width: 3, Scale: ViewScale{0, 1}, Map: []byte{1, 2, 3}},
		`01 03  07000000 0100 0300 00000000 0000803f 010203`},
	{&ViewSweep{Trace: 7, Class: 425, Base: 0.75, Without: []float32{0.5, 0.25}},
		`01 04  07000000 a9010000 0000403f 02000000 0000003f 0000803e`},
	{&ViewRequest{Trace: 7, Block: 1, Sort: SortEnergy, Class: 0, First: 0, Count: 64},
		`01 05  07000000 01000000 00 00000000 00000000 40000000 00000000`},
	// The lab's; web/test/unit-view.mjs has the same bytes.
	{&ViewLab{[]ViewLabNetwork{{"é", []string{"conv1", "fc"}}, {"", []string{"a"}}}},
		`01 06  02000000
			0200 c3a9 02000000 0500 636f6e7631 0200 6663
			0000 01000000 0100 61`},
	{&ViewSignal{[]ViewLayers{{[]float32{1, 0.5}, []float32{2, inf}, []float32{0, 4}}}},
		`01 07  01000000  02000000 0000803f 0000003f  02000000 00000040 0000807f  02000000 00000000 00008040`},
	{&ViewStep{199, []ViewLayers{{[]float32{1}, []float32{2}, []float32{4}}, {[]float32{}, []float32{}, []float32{}}}},
		`01 08  c7000000 02000000
			01000000 0000803f 01000000 00000040 01000000 00008040
			00000000 00000000 00000000`},
	{&ViewLandscape{1, 3, 0.5, []float32{1, 2, 1, 2, 0, 2, 1, 2, inf}},
		`01 09  01000000 03000000 0000003f
			09000000 0000803f 00000040 0000803f 00000040 00000000 00000040 0000803f 00000040 0000807f`},
	{&ViewPaths{3, []uint32{0, 2}, []float32{1, 16}, []float32{0.5, 0}},
		`01 0a  03000000 02000000 00000000 02000000
			02000000 0000803f 00008041 02000000 0000003f 00000000`},
}

var inf = float32(math.Inf(1))

func goldenBytes(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestViewGolden(t *testing.T) {
	for _, g := range viewGoldens {
		want := goldenBytes(t, g.bytes)
		if got := EncodeView(g.message); !bytes.Equal(got, want) {
			t.Errorf("%T is\n%x, want\n%x", g.message, got, want)
		}
		back, err := DecodeView(want)
		if err != nil || !reflect.DeepEqual(back, g.message) {
			t.Errorf("%T reads as %+v (%v), want %+v", g.message, back, err, g.message)
		}
	}
}

// TestViewShort: every prefix of a message is refused, and so is a message with an extra byte.
func TestViewShort(t *testing.T) {
	for _, g := range viewGoldens {
		whole := goldenBytes(t, g.bytes)
		for n := range whole {
			if m, err := DecodeView(whole[:n:n]); err == nil {
				t.Errorf("the first %d of %d bytes of %T read as %+v", n, len(whole), g.message, m)
			}
		}
		if _, err := DecodeView(append(bytes.Clone(whole), 0)); err == nil {
			t.Errorf("%T with a byte more is read", g.message)
		}
	}
}

// TestViewUnsound: both ends refuse a message with one wrong field.
func TestViewUnsound(t *testing.T) {
	nan, most := float32(math.NaN()), float32(math.MaxFloat32)
	// Each change returns false for a message of another kind.
	spoil := map[string]func(m ViewMessage) bool{
		"a negative trace":           spoiled(func(o *ViewOverview) { o.Trace = -1 }),
		"a photo without rows":       spoiled(func(o *ViewOverview) { o.Photo.Height = 0 }),
		"a photo of other bytes":     spoiled(func(o *ViewOverview) { o.Photo.RGB = nil }),
		"a filter that is too large": spoiled(func(o *ViewOverview) { o.Filters[0].Width = 29 }),
		"a tile that is too large":   spoiled(func(o *ViewOverview) { o.Stem.Height = 29 }),
		"a tile of other bytes":      spoiled(func(o *ViewOverview) { o.Stem.Tiles[0].Map = nil }),
		"a scale upside down":        spoiled(func(o *ViewOverview) { o.Stem.Tiles[0].Scale = ViewScale{1, 0} }),
		"an endless scale":           spoiled(func(o *ViewOverview) { o.Features.Scale = ViewScale{-most, most} }),
		"a scale from nowhere":       spoiled(func(o *ViewOverlay) { o.Scale.Lo = nan }),
		"an endless norm":            spoiled(func(o *ViewOverview) { o.Blocks[0].NormF = inf }),
		"a negative norm":            spoiled(func(o *ViewOverview) { o.Blocks[0].NormX = -1 }),
		"a cosine of 2":              spoiled(func(o *ViewOverview) { o.Blocks[0].Cosine = 2 }),
		"a cosine of no number":      spoiled(func(o *ViewOverview) { o.Blocks[0].Cosine = nan }),
		"a stage 0":                  spoiled(func(o *ViewOverview) { o.Blocks[0].Stage = 0 }),
		"a name that is no UTF-8":    spoiled(func(o *ViewOverview) { o.Blocks[0].Name = "\xff" }),
		"a probability over 1":       spoiled(func(o *ViewOverview) { o.Top[0].Probability = 1.1 }),
		"a class beyond all":         spoiled(func(o *ViewOverview) { o.Top[0].Index = MaxViewClasses }),
		"a page beyond the block":    spoiled(func(c *ViewChannels) { c.Total = 65 }),
		"a channel beyond all":       spoiled(func(c *ViewChannels) { c.Channels[1] = 2048 }),
		"a page of other channels":   spoiled(func(c *ViewChannels) { c.Count = 3 }),
		"a tensor of other bytes":    spoiled(func(c *ViewChannels) { c.Maps[TensorY] = nil }),
		"an unknown order":           spoiled(func(r *ViewRequest) { r.Sort = 2 }),
		"an empty page":              spoiled(func(r *ViewRequest) { r.Count = 0 }),
		"a block beyond all":         spoiled(func(r *ViewRequest) { r.Block = MaxViewBlocks }),
		"an overlay without rows":    spoiled(func(o *ViewOverlay) { o.Height = 0; o.Map = nil }),
		"a sweep over 1":             spoiled(func(s *ViewSweep) { s.Without[1] = 2 }),
		"no networks":                spoiled(func(l *ViewLab) { l.Networks = nil }),
		"five networks":              spoiled(func(l *ViewLab) { l.Networks = make([]ViewLabNetwork, 5) }),
		"a network without layers":   spoiled(func(l *ViewLab) { l.Networks[1].Layers = nil }),
		"a layer that is no UTF-8":   spoiled(func(l *ViewLab) { l.Networks[1].Layers[0] = "\xff" }),
		"a signal of two lengths":    spoiled(func(s *ViewSignal) { s.Networks[0].WeightGradients = nil }),
		"a step before all":          spoiled(func(s *ViewStep) { s.Step = -1 }),
		"a step of two lengths":      spoiled(func(s *ViewStep) { s.Networks[0].Activations = nil }),
		"a landscape of two losses":  spoiled(func(l *ViewLandscape) { l.Losses = l.Losses[:2] }),
		"a landscape without middle": spoiled(func(l *ViewLandscape) { l.Side = 4; l.Losses = make([]float32, 16) }),
		"a landscape of no width":    spoiled(func(l *ViewLandscape) { l.Span = nan }),
		"a fifth network":            spoiled(func(l *ViewLandscape) { l.Network = 4 }),
		"paths out of order":         spoiled(func(p *ViewPaths) { p.Lengths[1] = 0 }),
		"paths of other lengths":     spoiled(func(p *ViewPaths) { p.Gradients = nil }),
		"endless paths":              spoiled(func(p *ViewPaths) { p.Counts[0] = inf }),
	}
	for name, spoil := range spoil {
		t.Run(name, func(t *testing.T) {
			for _, g := range viewGoldens {
				m, err := DecodeView(goldenBytes(t, g.bytes))
				if err != nil {
					t.Fatal(err)
				}
				if !spoil(m) {
					continue
				}
				w := viewWriter{ViewVersion, byte(m.kind())}
				m.write(&w)
				if back, err := DecodeView(w); err == nil {
					t.Errorf("it is read as %+v", back)
				}
				func() {
					defer func() {
						if recover() == nil {
							t.Error("it is written")
						}
					}()
					EncodeView(m)
				}()
				return
			}
			t.Fatal("no message has such a field")
		})
	}
}

// spoiled applies a change to messages of one kind, and reports whether the message is of that kind.
func spoiled[T ViewMessage](fault func(T)) func(ViewMessage) bool {
	return func(m ViewMessage) bool {
		one, ok := m.(T)
		if ok {
			fault(one)
		}
		return ok
	}
}

func TestViewHeader(t *testing.T) {
	for text, want := range map[string]string{
		"02 01":                        "version 2",
		"01 00":                        "unknown kind 0",
		"01 0b":                        "unknown kind 11",
		"01":                           "too short",
		"01 04 000000ff":               "2³¹",
		"01 04 00000000 00000000 0000": "too short",
		// Lists of 2³¹−1 items. The reader must find that they are not there before it allocates them.
		"01 04 00000000 00000000 00000000 ffffff7f": "too short",
		"01 01 00000000 0000 0000 ffffff7f":         "too short",
	} {
		if _, err := DecodeView(goldenBytes(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want one that says %q", text, err, want)
		}
	}
	if _, err := DecodeView(nil); !errors.Is(err, errViewShort) {
		t.Errorf("no bytes: %v, want %v", err, errViewShort)
	}
	flag := goldenBytes(t, viewGoldens[0].bytes)
	at := bytes.Index(flag, []byte("a.0")) + 3 + 2 + 2 + 2 + 4
	flag[at] = 2
	if _, err := DecodeView(flag); !errors.Is(err, errViewFlag) {
		t.Errorf("a flag of 2: %v, want %v", err, errViewFlag)
	}
}

// FuzzDecodeView: no bytes cause a panic, and a message that is decoded is encoded to the same bytes, so each message
// has only one encoding.
func FuzzDecodeView(f *testing.F) {
	for _, g := range viewGoldens {
		f.Add(goldenBytes(f, g.bytes))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := DecodeView(b)
		if err != nil {
			return
		}
		if again := EncodeView(m); !bytes.Equal(again, b) {
			t.Errorf("%x is read as %+v and written as %x", b, m, again)
		}
	})
}

// TestViewJSON pins the JSON between the page and the view.
func TestViewJSON(t *testing.T) {
	for want, message := range map[string]any{
		`{"scene":"block","block":3,"channel":-1,"tensor":"f","order":"class","class":425,"map":"magma",` +
			`"opacity":0.5,"play":-1,"ablate":{"3":"residual"},"live":true,"dark":true,"reducedMotion":false,` +
			`"join":"gate","linear":true,"nonlinearity":"silu","knowledge":[0.25,1],` +
			`"lab":{"quantity":"activation","surface":"relief","live":true,"steps":200,"network":1,"layer":-1,` +
			`"step":7},` +
			`"language":"en","words":{"view.stem":"Stem"}}`: ViewState{
			SceneBlock, 3, -1, "f", OrderClass, 425, ColormapMagma, 0.5,
			-1, map[string]Ablation{"3": AblateResidual}, true, true, false, "gate", true, "silu", []float64{0.25, 1},
			&ViewLabState{QuantityActivation, SurfaceRelief, true, 200, 1, -1, 7},
			"en", map[string]string{"view.stem": "Stem"},
		},
		`{"kind":"hover","part":"channel","block":3,"channel":17,"tensor":"sum",` +
			`"y":5,"x":6,"known":true,"value":-0.5,` +
			`"network":1,"layer":2,"step":8,"length":9,"quantity":"activation"}`: ViewEvent{
			EventHover, PartChannel, 3, 17, "sum", 5, 6, true, -0.5, 1, 2, 8, 9, QuantityActivation,
		},
	} {
		got, err := json.Marshal(message)
		if err != nil || string(got) != want {
			t.Errorf("%T is %s (%v), want %s", message, got, err, want)
		}
	}
	if len(ViewTensors) != Tensors || ViewOrders[SortClass] != OrderClass || ViewOrders[SortEnergy] != OrderEnergy {
		t.Error("the names of tensors or orders do not stand at their numbers")
	}
}

package digest

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/wasm/proto"
	"github.com/seed8935e608/residua/weights"
)

// small is a network with blocks of 30×30 and 15×15. The overview must shrink the first ones by a number that does not
// divide them evenly.
var small = resnet.Config{
	Block: resnet.Basic, Layers: []int{2, 2}, Width: 16, Expansion: 1, Stem: "imagenet", NormEpsilon: 1e-5,
	Join: "add", Classes: 7,
}

const side = 118

// record makes the small network and the record of a random picture.
func record(t *testing.T) (*resnet.Model, *resnet.Record) {
	t.Helper()
	return recordOf(t, small)
}

// recordOf makes a network and the record of a random picture.
func recordOf(t *testing.T, structure resnet.Config) (*resnet.Model, *resnet.Record) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	var tensors []weights.Tensor
	add := func(name string, value func() float64, shape ...int) {
		n := 1
		for _, d := range shape {
			n *= d
		}
		values := make([]float32, n)
		for i := range values {
			values[i] = float32(value())
		}
		x, err := weights.NewTensor(name, weights.F32, shape, values)
		if err != nil {
			t.Fatal(err)
		}
		tensors = append(tensors, x)
	}
	positive := func() float64 { return 0.5 + r.Float64() }
	norm := func(name string, channels int) {
		if name == "" {
			return
		}
		add(name+".weight", positive, channels)
		add(name+".bias", r.NormFloat64, channels)
		add(name+".running_mean", r.NormFloat64, channels)
		add(name+".running_var", positive, channels)
	}
	conv := func(s resnet.ConvSpec) {
		deviation := 1 / math.Sqrt(float64(s.In*s.Size*s.Size))
		add(s.Conv+".weight", func() float64 { return r.NormFloat64() * deviation }, s.Out, s.In, s.Size, s.Size)
		norm(s.Norm, s.Out)
	}
	conv(structure.StemConv())
	norm(structure.LastNorm(), structure.Features())
	for _, b := range structure.Blocks() {
		norm(b.Norm, b.In)
		for _, s := range b.Residual {
			conv(s)
		}
		if b.Projection != nil {
			conv(*b.Projection)
		}
	}
	add("fc.weight", r.NormFloat64, structure.Classes, structure.Features())
	add("fc.bias", r.NormFloat64, structure.Classes)

	card, err := weights.Card{
		Model: "small", Title: "Small", InputSize: side, ShortSide: side, Interpolation: "bilinear",
		ChannelOrder: "RGB", Rescale: 1, Std: [3]float32{1, 1, 1}, License: "none", Source: "random",
	}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	config, err := json.Marshal(structure)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	metadata := map[string]string{weights.CardKey: card, weights.ConfigKey: string(config)}
	if err := weights.Write(&file, metadata, tensors); err != nil {
		t.Fatal(err)
	}
	m, err := resnet.Load(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, m.InputLen())
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	rec := m.NewRecord()
	rec.Forward(x, nil)
	return m, rec
}

// near fails if a byte does not stand for a value: half a step, and a little for float32.
func near(t *testing.T, what string, s proto.ViewScale, p byte, want float64) {
	t.Helper()
	if step := (float64(s.Hi) - float64(s.Lo)) / 255; math.Abs(s.Value(p)-want) > 0.5001*step {
		t.Errorf("%s: the byte %d stands for %v on the scale %v, want %v", what, p, s.Value(p), s, want)
	}
}

// TestOverviewOfHeads: of a linear layer that reads several blocks, the features shown are the last block's.
func TestOverviewOfHeads(t *testing.T) {
	c := small
	c.HeadBlocks = []int{0, 3}
	m, r := recordOf(t, c)
	o := Overview(m, r, r.Logits, 5, make([]byte, 3*side*side))
	if len(r.Features) != 16+32 || len(o.Features.Bytes) != 32 {
		t.Fatalf("%d features, %d are shown", len(r.Features), len(o.Features.Bytes))
	}
	for i, v := range r.Features[16:] {
		near(t, "feature", o.Features.Scale, o.Features.Bytes[i], float64(v))
	}
	// Another linear layer may end earlier, and then answers by the block where it ends.
	early, err := m.WithHead([]int{1}, make([]float32, 2*16), []float32{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	r = early.NewRecord()
	r.Forward(make([]float32, early.InputLen()), nil)
	o = Overview(early, r, []float32{0, 3}, 6, make([]byte, 3*side*side))
	if len(o.Features.Bytes) != 16 || len(o.Blocks) != 4 || len(o.Top) != 2 || o.Top[0].Index != 1 {
		t.Errorf("%d features, %d blocks and the answer %v", len(o.Features.Bytes), len(o.Blocks), o.Top)
	}
}

func TestOverview(t *testing.T) {
	m, r := record(t)
	photo := make([]byte, 3*side*side)
	o := Overview(m, r, r.Logits, 5, photo)
	back, err := proto.DecodeView(proto.EncodeView(o))
	if err != nil {
		t.Fatal(err)
	}
	o = back.(*proto.ViewOverview)
	got := [...]int{o.Trace, o.Photo.Height, len(o.Blocks), len(o.Filters), len(o.Stem.Tiles)}
	if want := [...]int{5, side, 4, 16, 12}; got != want {
		t.Fatalf("trace, height and the numbers of blocks, filters and stem channels are %v, want %v", got, want)
	}
	for i, b := range o.Blocks {
		p, err := r.Block(i)
		if err != nil {
			t.Fatal(err)
		}
		info := m.Blocks()[i]
		x, f, y := p.Norms()
		want := proto.ViewBlock{
			Name: info.Name, Stage: info.Stage,
			Height: info.Height, Width: info.Width, Channels: info.Channels, Projection: info.Projection,
			NormX: float32(x), NormF: float32(f), NormY: float32(y), Cosine: float32(p.Cosine()),
		}
		got := b
		got.Tiles = proto.ViewTiles{}
		if !equal(got, want) {
			t.Errorf("block %d is %+v, want %+v", i, got, want)
		}
		checkTiles(t, b.Tiles, p.Y, b.Height, b.Width, b.Channels)
	}
	x, s := r.Input(0)
	checkTiles(t, o.Stem, x, s.H, s.W, s.C)
	for i, v := range r.Features {
		near(t, "feature", o.Features.Scale, o.Features.Bytes[i], float64(v))
	}
	for i, top := range resnet.Top(r.Logits, 5) {
		want := proto.ViewClass{Index: top.Index, Probability: float32(top.Probability), Label: m.Label(top.Index)}
		if o.Top[i] != want {
			t.Errorf("place %d is %v, want %v", i, o.Top[i], top)
		}
	}
	for i, w := range m.StemFilters() {
		filter := i / 147
		one := m.StemFilters()[147*filter : 147*(filter+1)]
		most := max(slices.Max(one), -slices.Min(one))
		near(t, "filter", proto.ViewScale{Lo: -most, Hi: most}, o.Filters[filter].RGB[i%147], float64(w))
	}
}

func equal(a, b proto.ViewBlock) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return bytes.Equal(x, y)
}

// checkTiles compares tiles with means by definition, and the choice of channels with the energies of all others.
func checkTiles(t *testing.T, tiles proto.ViewTiles, x []float32, h, w, c int) {
	t.Helper()
	pool := 1
	for (h+pool-1)/pool > proto.MaxViewTile {
		pool++
	}
	if tiles.Height != (h+pool-1)/pool || tiles.Width != (w+pool-1)/pool {
		t.Fatalf("%d×%d of %d×%d", tiles.Height, tiles.Width, h, w)
	}
	energies := make([]float64, c)
	for i, v := range x {
		energies[i%c] += float64(v) * float64(v)
	}
	least := math.Inf(1)
	for _, tile := range tiles.Tiles {
		if e := energies[tile.Channel]; e > least*(1+1e-5) {
			t.Errorf("channel %d has the energy %v and comes after one of %v", tile.Channel, e, least)
		}
		least = energies[tile.Channel]
		energies[tile.Channel] = 0
		for i, p := range tile.Map {
			var sum, n float64
			for at := range h * w {
				if at/w/pool == i/tiles.Width && at%w/pool == i%tiles.Width {
					sum += float64(x[at*c+tile.Channel])
					n++
				}
			}
			near(t, "tile", tile.Scale, p, sum/n)
		}
	}
	for channel, e := range energies {
		if e > least*(1+1e-5) {
			t.Errorf("channel %d has the energy %v and is not among the strongest", channel, e)
		}
	}
}

func TestChannels(t *testing.T) {
	m, r := record(t)
	for _, cut := range []map[int]resnet.Part{nil, {1: resnet.Shortcut, 2: resnet.Residual}} {
		if _, err := r.Ablate(cut); err != nil {
			t.Fatal(err)
		}
		c := &Channels{Model: m, Record: r}
		for _, q := range []proto.ViewRequest{
			{Block: 0, First: 0, Count: 5},
			{Block: 0, First: 5, Count: 5},
			{Block: 0, First: 15, Count: 5}, // the last page is short
			{Block: 1, First: 0, Count: 16},
			{Block: 2, Sort: proto.SortClass, Class: 3, First: 8, Count: 4},
			{Block: 2, Sort: proto.SortClass, Class: 4, First: 8, Count: 4},
			{Block: 3, Sort: proto.SortEnergy, First: 0, Count: 32},
			{Block: 3, Sort: proto.SortClass, Class: 3, Count: 6, Containing: 20},
		} {
			checkPage(t, m, r, c, q)
		}
	}
}

// checkPage asks for a page and compares it with what the record says.
func checkPage(t *testing.T, m *resnet.Model, r *resnet.Record, c *Channels, q proto.ViewRequest) {
	t.Helper()
	page, err := c.Page(&q)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := proto.DecodeView(proto.EncodeView(page)); err != nil {
		t.Fatal(err)
	}
	info := m.Blocks()[q.Block]
	values, _ := r.Contributions(q.Class, q.Block, resnet.SourceY)
	if q.Sort == proto.SortEnergy {
		y, _ := r.Input(q.Block + 1)
		values = resnet.ChannelEnergies(y, info.Channels)
	}
	order := strongest(values, info.Channels)
	if !slices.IsSortedFunc(order, func(a, b int) int { return int(math.Copysign(1, float64(values[b]-values[a]))) }) {
		t.Errorf("%+v: the order is none", q)
	}
	first := q.First
	if q.Containing > 0 {
		first = slices.Index(order, q.Containing-1) / q.Count * q.Count
		if !slices.Contains(page.Channels, uint32(q.Containing-1)) {
			t.Errorf("%+v: the page has the channels %v", q, page.Channels)
		}
	}
	want := q
	want.First, want.Count, want.Containing = first, min(q.Count, info.Channels-first), 0
	if page.ViewRequest != want || page.Total != info.Channels {
		t.Errorf("%+v: the page is from %d, of %d, in %d", q, page.First, page.Count, page.Total)
	}
	p, err := r.Block(q.Block)
	if err != nil {
		t.Fatal(err)
	}
	sum := make([]float32, len(p.X))
	for i := range sum {
		sum[i] = p.X[i] + p.F[i]
	}
	for tensor, x := range map[proto.Tensor][]float32{
		proto.TensorX: p.X, proto.TensorF: p.F, proto.TensorSum: sum, proto.TensorY: p.Y,
	} {
		scale := page.Scales[tensor]
		if want := (proto.ViewScale{Lo: slices.Min(x), Hi: slices.Max(x)}); scale != want {
			t.Errorf("%+v: tensor %d has the scale %v, want %v", q, tensor, scale, want)
		}
		for i, channel := range page.Channels {
			if int(channel) != order[first+i] {
				t.Fatalf("%+v: channel %d in place %d, want %d", q, channel, first+i, order[first+i])
			}
			for at, b := range page.Map(tensor, i) {
				near(t, "channel", scale, b, float64(x[at*info.Channels+int(channel)]))
			}
		}
	}
}

// TestChannelsOfJoins: where x and F are not added, or no ReLU follows, the maps show what the network computes.
func TestChannelsOfJoins(t *testing.T) {
	product, linear := small, small
	product.Join, linear.PreActivation = resnet.JoinProduct, true
	for name, c := range map[string]struct {
		structure resnet.Config
		sum       func(x, f float32) float32
	}{
		"product":        {product, func(x, f float32) float32 { return x * f }},
		"pre-activation": {linear, func(x, f float32) float32 { return x + f }},
	} {
		model, record := recordOf(t, c.structure)
		channels := Channels{Model: model, Record: record}
		const block, count = 1, 4
		m, err := channels.Page(&proto.ViewRequest{Block: block, Count: count, Sort: proto.SortEnergy})
		if err != nil {
			t.Fatal(err)
		}
		p, err := record.Block(block)
		if err != nil {
			t.Fatal(err)
		}
		for i, channel := range m.Channels {
			for at := range m.Height * m.Width {
				k := at*m.Total + int(channel)
				sum, y := m.Map(proto.TensorSum, i)[at], m.Map(proto.TensorY, i)[at]
				near(t, name+": the sum", m.Scales[proto.TensorSum], sum, float64(c.sum(p.X[k], p.F[k])))
				near(t, name+": y", m.Scales[proto.TensorY], y, float64(p.Y[k]))
			}
		}
	}
}

func TestChannelsRefuses(t *testing.T) {
	m, r := record(t)
	c := &Channels{Model: m, Record: r}
	for want, q := range map[string]proto.ViewRequest{
		"no block 4":              {Block: 4, Count: 1},
		"no class 7":              {Block: 0, Sort: proto.SortClass, Class: 7, Count: 1},
		"block 1 has 16 channels": {Block: 1, First: 16, Count: 1},
		"block 0 has 16 channels": {Block: 0, Count: 1, Containing: 17},
	} {
		if _, err := c.Page(&q); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// TestFlat: equal values are at the lower end of a scale without length.
func TestFlat(t *testing.T) {
	if got := quantise(nil, []float32{3, 3}, proto.ViewScale{Lo: 3, Hi: 3}); !slices.Equal(got, []byte{0, 0}) {
		t.Errorf("they are %v", got)
	}
}

// The few strongest are the first of all, also where values are equal.
func TestStrongestFew(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		values := make([]float32, 1+r.IntN(60))
		for i := range values {
			values[i] = float32(r.IntN(9))
		}
		all := strongest(values, len(values))
		for n := 1; n < len(values); n++ {
			if few := strongest(values, n); !slices.Equal(few, all[:n]) {
				t.Fatalf("the %d strongest of %v: %v, want %v", n, values, few, all[:n])
			}
		}
	}
}

func BenchmarkStrongest(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 6))
	values := make([]float32, 2048)
	for i := range values {
		values[i] = r.Float32()
	}
	b.Run("few", func(b *testing.B) {
		for b.Loop() {
			strongest(values, tilesShown)
		}
	})
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			strongest(values, len(values))
		}
	})
}

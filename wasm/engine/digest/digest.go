// Package digest converts the record of a forward pass to the view's messages of package proto, with a byte for each
// value. It does not depend on a browser.
package digest

import (
	"cmp"
	"math"
	"slices"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/wasm/proto"
)

const (
	// tilesShown is the number of channels of a block in the overview.
	tilesShown = 12
	// classesShown is the number of classes in the overview.
	classesShown = 5
)

// Overview summarises a record. logits are those of the answer: the record's own, or those of a classifier that goes by
// more than this picture. photo is the network's picture: R, G, B bytes.
func Overview(
	m *resnet.Model, r *resnet.Record, logits []float32, trace int, photo []byte,
) *proto.ViewOverview {
	height, width := m.Card.Shape()
	o := &proto.ViewOverview{
		Trace:   trace,
		Photo:   proto.ViewPicture{Height: height, Width: width, RGB: photo},
		Filters: filters(m.StemFilters(), m.Config.StemConv()),
	}
	// Where the linear layer reads several blocks, the means of the last of them are the last of the features.
	blocks := m.Blocks()
	last := len(blocks) - 1
	if read := m.Config.HeadBlocks; len(read) > 0 {
		last = read[len(read)-1]
	}
	o.Features = features(r.Features[len(r.Features)-blocks[last].Channels:])
	x, s := r.Input(0)
	o.Stem = tiles(x, s.H, s.W, s.C)
	for i, b := range blocks {
		moments, err := r.Moments(i)
		if err != nil {
			panic(err) // cannot happen: the model has listed this block
		}
		x, f, y := moments.Norms()
		output, _ := r.Input(i + 1)
		o.Blocks = append(o.Blocks, proto.ViewBlock{
			Name: b.Name, Stage: b.Stage,
			Height: b.Height, Width: b.Width, Channels: b.Channels, Projection: b.Projection,
			NormX: float32(x), NormF: float32(f), NormY: float32(y), Cosine: float32(moments.Cosine()),
			Tiles: tiles(output, b.Height, b.Width, b.Channels),
		})
	}
	for _, top := range m.Top(logits, classesShown) {
		class := proto.ViewClass{Index: top.Index, Probability: float32(top.Probability), Label: m.Label(top.Index)}
		o.Top = append(o.Top, class)
	}
	return o
}

// filters renders the stem's filters. Grey is 0, and each filter's largest magnitude has full contrast.
func filters(w []float32, spec resnet.ConvSpec) []proto.ViewPicture {
	out := make([]proto.ViewPicture, spec.Out)
	n := len(w) / spec.Out
	for i := range out {
		one := w[i*n : (i+1)*n]
		most := max(slices.Max(one), -slices.Min(one))
		rgb := quantise(nil, one, proto.ViewScale{Lo: -most, Hi: most})
		out[i] = proto.ViewPicture{Height: spec.Size, Width: spec.Size, RGB: rgb}
	}
	return out
}

func features(x []float32) proto.ViewFeatures {
	scale := proto.ViewScale{Lo: min(0, slices.Min(x)), Hi: slices.Max(x)}
	return proto.ViewFeatures{Scale: scale, Bytes: quantise(nil, x, scale)}
}

// tiles renders the strongest channels of x, H×W×C, mean-pooled to at most MaxViewTile on a side.
func tiles(x []float32, h, w, c int) proto.ViewTiles {
	pool := (max(h, w) + proto.MaxViewTile - 1) / proto.MaxViewTile
	t := proto.ViewTiles{Height: (h + pool - 1) / pool, Width: (w + pool - 1) / pool}
	small := make([]float32, t.Height*t.Width)
	for _, channel := range strongest(resnet.ChannelEnergies(x, c), tilesShown) {
		for i := range small {
			top, left := i/t.Width*pool, i%t.Width*pool
			bottom, right := min(h, top+pool), min(w, left+pool)
			var sum float32
			for y := top; y < bottom; y++ {
				for column := left; column < right; column++ {
					sum += x[(y*w+column)*c+channel]
				}
			}
			small[i] = sum / float32((bottom-top)*(right-left))
		}
		scale := proto.ViewScale{Lo: slices.Min(small), Hi: slices.Max(small)}
		t.Tiles = append(t.Tiles, proto.ViewTile{Channel: channel, Scale: scale, Map: quantise(nil, small, scale)})
	}
	return t
}

// strongest gives the indices of the n largest values, in descending order. Equal values keep their order.
func strongest(values []float32, n int) []int {
	if n < len(values) {
		return fewStrongest(values, n)
	}
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(values[b], values[a]) })
	return order
}

// fewStrongest is strongest for a small n. A live camera asks for it in every block of every picture, where sorting all
// channels takes longer than all else here.
func fewStrongest(values []float32, n int) []int {
	order := make([]int, 0, n+1)
	for i, v := range values {
		if len(order) == n && !(v > values[order[n-1]]) {
			continue
		}
		at := len(order)
		for at > 0 && v > values[order[at-1]] {
			at--
		}
		order = slices.Insert(order, at, i)
		order = order[:min(n, len(order))]
	}
	return order
}

// quantise appends the bytes that stand for values on a scale.
func quantise(to []byte, values []float32, s proto.ViewScale) []byte {
	f := factor(s)
	for _, v := range values {
		to = append(to, level(v, s.Lo, f))
	}
	return to
}

// factor is the number of byte steps for a distance of 1 on a scale; 0 if the scale has no length.
func factor(s proto.ViewScale) float32 {
	if !(s.Hi > s.Lo) {
		return 0
	}
	return float32(math.Min(255/(float64(s.Hi)-float64(s.Lo)), math.MaxFloat32))
}

// level is the byte nearest to v, a value on the scale.
func level(v, lo, factor float32) byte { return byte((v-lo)*factor + 0.5) }

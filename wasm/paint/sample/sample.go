// Package sample makes traces by formulas, of a network with ResNet-50's structure and a painted landscape. It needs no
// weights and always gives the same bytes. The view's golden pictures and its tests in a browser are made from it.
package sample

import (
	"fmt"
	"math"
	"sync"

	"github.com/seed8935e608/residua/wasm/proto"
)

const (
	side  = 224 // of the photo
	tiles = 12  // per block
)

// Trace is the number of the sample's trace.
const Trace = 1

// Layers are ResNet-50's blocks in each stage.
var Layers = []int{3, 4, 6, 3}

// labels are those of the predicted classes.
var labels = []string{"alp", "valley, vale", "lakeside, lakeshore", "mountain tent", "hot-air balloon"}

// Overview is the trace of a network with some blocks in each stage.
func Overview(layers []int) *proto.ViewOverview {
	o := &proto.ViewOverview{Trace: Trace, Photo: photo(), Filters: filters()}
	o.Stem = strongest(-1, 56, 64)
	index := 0
	for stage, n := range layers {
		for i := range n {
			h, channels := 56>>min(stage, 3), 256<<min(stage, 3)
			r := 0.6 + 0.4*wave(index, 1) // how much F adds
			if i == 0 {
				r = 1.1 + 0.3*wave(index, 2)
			}
			b := proto.ViewBlock{
				Name: fmt.Sprintf("layer%d.%d", stage+1, i), Stage: stage + 1,
				Height: h, Width: h, Channels: channels, Projection: i == 0,
				NormX: 100, NormF: float32(100 * r), Cosine: float32(0.4 * wave(index, 3)),
				Tiles: strongest(index, h, channels),
			}
			b.NormY = float32(0.8 * math.Sqrt(1e4+1e4*r*r))
			o.Blocks = append(o.Blocks, b)
			index++
		}
	}
	last := o.Blocks[len(o.Blocks)-1]
	o.Features = proto.ViewFeatures{Scale: proto.ViewScale{Lo: 0, Hi: 3}, Bytes: make([]byte, last.Channels)}
	for c := range o.Features.Bytes {
		o.Features.Bytes[c] = unit(math.Pow(0.5+0.5*wave(c, 4), 5))
	}
	for i, p := range []float32{0.8125, 0.09375, 0.046875, 0.015625, 0.0078125} {
		o.Top = append(o.Top, proto.ViewClass{Index: 970 + i, Probability: p, Label: labels[i]})
	}
	return o
}

// Channels answers a request about a block of the sample.
func Channels(o *proto.ViewOverview, r proto.ViewRequest) *proto.ViewChannels {
	b := &o.Blocks[r.Block]
	if r.Containing > 0 {
		r.First = indexOf(b.Channels, r.Containing-1) / r.Count * r.Count
	}
	r.Count = min(r.Count, b.Channels-r.First)
	m := &proto.ViewChannels{
		ViewRequest: r, Total: b.Channels, Height: b.Height, Width: b.Width,
		Scales: [proto.Tensors]proto.ViewScale{{Lo: 0, Hi: 2}, {Lo: -1.5, Hi: 1.5}, {Lo: -1.5, Hi: 3}, {Lo: 0, Hi: 3}},
	}
	if b.Projection {
		m.Scales[proto.TensorX] = proto.ViewScale{Lo: -1, Hi: 2}
	}
	for i := range r.Count {
		c := channel(b.Channels, r.First+i)
		m.Channels = append(m.Channels, uint32(c))
		// Later channels are weaker, as they are when they are sorted by energy.
		strength := 1.5 * math.Exp(-2*float64(r.First+i)/float64(b.Channels))
		ofX, ofF := responseOf(c, b.Height), responseOf(c+7, b.Height)
		for y := range b.Height {
			for x := range b.Width {
				v := strength * ofX(y, x)
				if !b.Projection {
					v = max(v, 0)
				}
				f := strength * (ofF(y, x) - 0.4)
				for t, value := range [proto.Tensors]float64{v, f, v + f, max(v+f, 0)} {
					s := m.Scales[t]
					m.Maps[t] = append(m.Maps[t], unit((value-float64(s.Lo))/float64(s.Hi-s.Lo)))
				}
			}
		}
	}
	return m
}

// Overlay is a soft spot on the mountain's top.
func Overlay() *proto.ViewOverlay {
	m := &proto.ViewOverlay{Trace: Trace, Height: 7, Width: 7, Scale: proto.ViewScale{Lo: 0, Hi: 1}}
	for y := range 7 {
		for x := range 7 {
			m.Map = append(m.Map, unit(math.Exp(-(sq(float64(y)-2.2)+sq(float64(x)-2.6))/3)))
		}
	}
	return m
}

// Sweep is the first class's probability without each block.
func Sweep(o *proto.ViewOverview) *proto.ViewSweep {
	s := &proto.ViewSweep{Trace: Trace, Class: o.Top[0].Index, Base: o.Top[0].Probability}
	for i := range o.Blocks {
		p := 0.75 + 0.06*wave(i, 5)
		if o.Blocks[i].Projection {
			p = 0.1 + 0.08*wave(i, 6)
		}
		s.Without = append(s.Without, float32(p))
	}
	return s
}

// channel is the channel at an index in the order, and indexOf the index of a channel. 37 has no divisor in common with
// a power of 2, so this is a permutation.
func channel(channels, place int) int { return place * 37 % channels }

func indexOf(channels, channel int) int {
	for p := range channels {
		if channel == p*37%channels {
			return p
		}
	}
	panic("sample: no such channel")
}

// strongest is the strongest channels of a block, or of the stem, which is block −1.
func strongest(block, h, channels int) proto.ViewTiles {
	small := min(h, proto.MaxViewTile)
	t := proto.ViewTiles{Height: small, Width: small}
	for i := range tiles {
		c := channel(channels, i)
		tile := proto.ViewTile{Channel: c, Scale: proto.ViewScale{Lo: 0, Hi: float32(3 - 0.1*float64(i))}}
		of := responseOf(c+17*block, small)
		for y := range small {
			for x := range small {
				tile.Map = append(tile.Map, unit(0.9*of(y, x)))
			}
		}
		t.Tiles = append(t.Tiles, tile)
	}
	return t
}

// responseOf gives a channel's value at each place of the photo, in a map of h×h. Some channels respond to edges of a
// direction, some to a region, some to a brightness.
func responseOf(c, h int) func(y, x int) float64 {
	places := placesOf(h)
	angle := 2.4 * float64(c)
	cos, sin := math.Cos(angle), math.Sin(angle)
	across, down := 0.35*cos, 0.35*math.Sin(1.7*angle)
	return func(y, x int) float64 {
		u, v := (float64(x)+0.5)/float64(h), (float64(y)+0.5)/float64(h)
		p := places[y*h+x]
		spot := math.Exp(-(sq(u-0.5-across) + sq(v-0.5-down)) * 14)
		switch c % 3 {
		case 0:
			return 2.2*math.Abs(cos*p.gx+sin*p.gy) + 0.1*spot
		case 1:
			return spot * (0.35 + p.light)
		}
		return math.Abs(p.light-0.5-0.3*cos) * (0.5 + spot)
	}
}

// place is the photo's brightness at a place of a map, and how it changes there.
type place struct{ light, gx, gy float64 }

var (
	placesMu sync.Mutex
	placesBy = map[int][]place{}
)

// placesOf gives the places of a map of h×h: all channels have the same.
func placesOf(h int) []place {
	placesMu.Lock()
	defer placesMu.Unlock()
	places := placesBy[h]
	if places == nil {
		d := 1.5 / float64(h)
		for y := range h {
			for x := range h {
				u, v := (float64(x)+0.5)/float64(h), (float64(y)+0.5)/float64(h)
				across, down := light(u+d, v)-light(u-d, v), light(u, v+d)-light(u, v-d)
				places = append(places, place{light(u, v), across, down})
			}
		}
		placesBy[h] = places
	}
	return places
}

func light(u, v float64) float64 {
	r, g, b := landscape(u, v)
	return (r + g + b) / 3
}

// landscape is a snowy mountain behind a lake in the evening.
func landscape(u, v float64) (r, g, b float64) {
	u, v = min(max(u, 0), 1), min(max(v, 0), 1)
	shore := 0.72
	dim := 1.0
	if v > shore { // the lake mirrors what is above it
		v = shore - 0.8*(v-shore) + 0.004*math.Sin(160*v)
		dim = 0.72
	}
	ridge := 0.3 + 0.62*math.Abs(u-0.38) + 0.025*math.Sin(23*u) + 0.012*math.Sin(61*u)
	hills := 0.6 + 0.05*math.Sin(5*u+1) + 0.012*math.Sin(31*u)
	switch {
	case v > hills:
		t := (v - hills) / 0.15
		r, g, b = 0.16+0.1*t, 0.27+0.12*t, 0.22+0.06*t
	case v > ridge:
		snow := 1 / (1 + math.Exp(60*(v-ridge-0.12-0.05*math.Sin(40*u))))
		shade := 0.55 + 0.45/(1+math.Exp(-40*(u-0.38-0.1*math.Sin(9*v))))
		r, g, b = shade*(0.36+0.6*snow), shade*(0.35+0.55*snow), shade*(0.42+0.52*snow)
	default:
		sun := math.Exp(-(sq(u-0.78) + sq(v-0.24)) * 220)
		glow := math.Exp(-(sq(u-0.78) + sq(v-0.24)) * 9)
		r, g, b = 0.5+0.3*v+0.3*glow+sun, 0.66+0.1*v+0.12*glow+0.9*sun, 0.86-0.25*v-0.1*glow+0.6*sun
	}
	return dim * r, dim * g, dim * b
}

func photo() proto.ViewPicture {
	p := proto.ViewPicture{Height: side, Width: side}
	for y := range side {
		for x := range side {
			r, g, b := landscape((float64(x)+0.5)/side, (float64(y)+0.5)/side)
			p.RGB = append(p.RGB, unit(r), unit(g), unit(b))
		}
	}
	return p
}

// filters are Gabor patches, like those in the first layer of trained networks.
func filters() []proto.ViewPicture {
	var all []proto.ViewPicture
	for i := range 64 {
		p := proto.ViewPicture{Height: 7, Width: 7}
		angle, pace := float64(i%8)*math.Pi/8, 0.5+0.22*float64(i/8)
		for y := range 7 {
			for x := range 7 {
				u, v := float64(x)-3, float64(y)-3
				w := math.Cos(pace*(u*math.Cos(angle)+v*math.Sin(angle))+float64(i%3)) * math.Exp(-(u*u+v*v)/9)
				tint := float64(i%5) / 5
				p.RGB = append(p.RGB, unit(0.5+0.5*w), unit(0.5+0.5*w*(1-tint)), unit(0.5+0.5*w*(1-2*tint)))
			}
		}
		all = append(all, p)
	}
	return all
}

// wave is a number in −1 … 1 that jumps with i.
func wave(i, kind int) float64 {
	return math.Sin(float64(i*i)*0.7 + float64(i)*2.3 + float64(kind)*1.9)
}

func sq(v float64) float64 { return v * v }

func unit(v float64) byte { return byte(min(max(v, 0), 1)*255 + 0.5) }

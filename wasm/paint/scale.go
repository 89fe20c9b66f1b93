package paint

import (
	"encoding/binary"
	"image"

	"github.com/seed8935e608/residua/wasm/proto"
)

// scaler paints pictures at any size. It keeps its buffers, so that it allocates only for a larger picture.
type scaler struct {
	xs, ys []span   // per pixel of the target
	rows   []uint16 // two source rows at the target's width
	sums   []uint32
}

// span is the samples of the source that a target pixel covers. Where the source is coarser, sample first has the
// weight 256−part, and the next one part. Where the source is finer, n samples from first on have the same weight.
type span struct{ first, part, n int32 }

// boxSpans are the spans of from samples over to pixels, each sample a box. A pixel within a sample has its value, and
// a pixel on the border of two mixes both. So magnified samples are even squares with sharp edges at every size.
func boxSpans(spans []span, from, to, lo, hi int) []span {
	spans = spans[:0]
	for i := lo; i < hi; i++ {
		a, b := i*from, (i+1)*from // the pixel's ends, in to-ths of a sample
		first := a / to
		if from > to {
			spans = append(spans, span{first: int32(first), n: int32(max(1, (b+to/2)/to-first))})
			continue
		}
		part := 0
		if border := (first + 1) * to; b > border {
			part = (b - border) * 256 / from
		}
		spans = append(spans, span{int32(first), int32(part), 1})
	}
	return spans
}

// linearSpans are the spans for linear interpolation between the samples' middles.
func linearSpans(spans []span, from, to, lo, hi int) []span {
	if from > to {
		return boxSpans(spans, from, to, lo, hi)
	}
	spans = spans[:0]
	for i := lo; i < hi; i++ {
		at := ((2*i+1)*from*128/to - 128) // the pixel's middle, in 256ths of a sample from the first one's middle
		at = min(max(at, 0), (from-1)*256)
		spans = append(spans, span{int32(at >> 8), int32(at & 255), 1})
	}
	return spans
}

// drawMap paints a map of h×w bytes over the box to, in the colours of a ramp.
func (c *canvas) drawMap(s *scaler, to image.Rectangle, pixels []byte, h, w int, m *ramp) {
	seen := to.Intersect(c.clip)
	if seen.Empty() || h < 1 || w < 1 {
		return
	}
	s.xs = boxSpans(s.xs, w, to.Dx(), seen.Min.X-to.Min.X, seen.Max.X-to.Min.X)
	s.ys = boxSpans(s.ys, h, to.Dy(), seen.Min.Y-to.Min.Y, seen.Max.Y-to.Min.Y)
	n := seen.Dx()
	last := int32(-1)
	for i, y := range s.ys {
		row := c.row(seen.Min.Y+i, seen.Min.X, seen.Max.X)
		same := y.part == 0 && y.n == 1
		if same && i > 0 && y == s.ys[i-1] { // as the row above
			copy(row, c.row(seen.Min.Y+i-1, seen.Min.X, seen.Max.X))
			continue
		}
		if y.n > 1 {
			s.rows = grow(s.rows, 2*n)
			s.mean(pixels, w, y)
			last = -1
		} else {
			s.rows = grow(s.rows, 2*n)
			if last != y.first {
				s.scaleRow(s.rows[:n], pixels, w, y.first)
				last = y.first
			}
			if y.part > 0 {
				s.scaleRow(s.rows[n:], pixels, w, y.first+1)
			}
		}
		a, b, part := s.rows[:n], s.rows[n:2*n], uint32(y.part)
		if part == 0 {
			for x, v := range a {
				binary.LittleEndian.PutUint32(row[4*x:4*x+4], uint32(m[byte((v+128)>>8)]))
			}
			continue
		}
		for x, v := range a {
			v := (uint32(v)*(256-part) + uint32(b[x])*part + 1<<15) >> 16
			binary.LittleEndian.PutUint32(row[4*x:4*x+4], uint32(m[byte(v)]))
		}
	}
}

// scaleRow scales a source row to the target's width. The values are 256 times those of the source.
func (s *scaler) scaleRow(to []uint16, pixels []byte, w int, y int32) {
	row := pixels[int(y)*w : (int(y)+1)*w]
	for i, x := range s.xs[:len(to)] {
		switch {
		case x.n > 1:
			sum := uint32(0)
			for _, v := range row[x.first : x.first+x.n] {
				sum += uint32(v)
			}
			to[i] = uint16(sum * 256 / uint32(x.n))
		case x.part == 0:
			to[i] = uint16(row[x.first]) << 8
		default:
			to[i] = uint16(uint32(row[x.first])*uint32(256-x.part) + uint32(row[x.first+1])*uint32(x.part))
		}
	}
}

// mean puts the mean of some source rows, at the target's width, into the first of the two rows.
func (s *scaler) mean(pixels []byte, w int, y span) {
	n := len(s.xs)
	s.sums = grow(s.sums, n)
	clear(s.sums)
	for k := range y.n {
		s.scaleRow(s.rows[n:2*n], pixels, w, y.first+k)
		for i, v := range s.rows[n : 2*n] {
			s.sums[i] += uint32(v)
		}
	}
	for i, v := range s.sums {
		s.rows[i] = uint16(v / uint32(y.n))
	}
}

func grow[T any](b []T, n int) []T {
	if cap(b) < n {
		return make([]T, n)
	}
	return b[:n]
}

// drawImage paints a picture over the box to, smooth or with sharp samples.
func (c *canvas) drawImage(s *scaler, to image.Rectangle, p *proto.ViewPicture, smooth bool) {
	seen := to.Intersect(c.clip)
	if seen.Empty() {
		return
	}
	spans := boxSpans
	if smooth {
		spans = linearSpans
	}
	s.xs = spans(s.xs, p.Width, to.Dx(), seen.Min.X-to.Min.X, seen.Max.X-to.Min.X)
	s.ys = spans(s.ys, p.Height, to.Dy(), seen.Min.Y-to.Min.Y, seen.Max.Y-to.Min.Y)
	n := 3 * seen.Dx()
	s.rows = grow(s.rows, 2*n)
	s.sums = grow(s.sums, n)
	firsts := [2]int32{-1, -1} // which source rows s.rows holds
	for i, y := range s.ys {
		row := c.row(seen.Min.Y+i, seen.Min.X, seen.Max.X)
		var a, b []uint16
		part := uint32(y.part)
		if y.n > 1 {
			clear(s.sums)
			for k := range y.n {
				s.scaleRowRGB(s.rows[n:2*n], p, y.first+k)
				for j, v := range s.rows[n : 2*n] {
					s.sums[j] += uint32(v)
				}
			}
			for j, v := range s.sums {
				s.rows[j] = uint16(v / uint32(y.n))
			}
			a, b = s.rows[:n], s.rows[:n]
		} else {
			a = s.source(&firsts, p, y.first, n)
			b = a
			if part > 0 {
				b = s.source(&firsts, p, y.first+1, n)
			}
		}
		for x := 0; x < n; x += 3 {
			r := (uint32(a[x])*(256-part) + uint32(b[x])*part + 1<<15) >> 16
			g := (uint32(a[x+1])*(256-part) + uint32(b[x+1])*part + 1<<15) >> 16
			bl := (uint32(a[x+2])*(256-part) + uint32(b[x+2])*part + 1<<15) >> 16
			binary.LittleEndian.PutUint32(row[x/3*4:], r|g<<8|bl<<16|0xff<<24)
		}
	}
}

// source is a row of the picture at the target's width. It keeps the last even row and the last odd one.
func (s *scaler) source(firsts *[2]int32, p *proto.ViewPicture, y int32, n int) []uint16 {
	half := int(y & 1)
	row := s.rows[half*n : half*n+n]
	if firsts[half] != y {
		s.scaleRowRGB(row, p, y)
		firsts[half] = y
	}
	return row
}

func (s *scaler) scaleRowRGB(to []uint16, p *proto.ViewPicture, y int32) {
	row := p.RGB[int(y)*p.Width*3 : (int(y)+1)*p.Width*3]
	for i, x := range s.xs {
		at := int(x.first) * 3
		switch {
		case x.n > 1:
			var r, g, b uint32
			for k := range int(x.n) {
				r += uint32(row[at+3*k])
				g += uint32(row[at+3*k+1])
				b += uint32(row[at+3*k+2])
			}
			n := uint32(x.n)
			to[3*i], to[3*i+1], to[3*i+2] = uint16(r*256/n), uint16(g*256/n), uint16(b*256/n)
		case x.part == 0:
			to[3*i], to[3*i+1], to[3*i+2] = uint16(row[at])<<8, uint16(row[at+1])<<8, uint16(row[at+2])<<8
		default:
			a, b := uint32(256-x.part), uint32(x.part)
			to[3*i] = uint16(uint32(row[at])*a + uint32(row[at+3])*b)
			to[3*i+1] = uint16(uint32(row[at+1])*a + uint32(row[at+4])*b)
			to[3*i+2] = uint16(uint32(row[at+2])*a + uint32(row[at+5])*b)
		}
	}
}

// drawOverlay blends a smoothly scaled map of h×w bytes into what the box to shows, with an alpha of 256.
func (c *canvas) drawOverlay(s *scaler, to image.Rectangle, pixels []byte, h, w int, m *ramp, alpha uint32) {
	seen := to.Intersect(c.clip)
	if seen.Empty() {
		return
	}
	s.xs = linearSpans(s.xs, w, to.Dx(), seen.Min.X-to.Min.X, seen.Max.X-to.Min.X)
	s.ys = linearSpans(s.ys, h, to.Dy(), seen.Min.Y-to.Min.Y, seen.Max.Y-to.Min.Y)
	n := seen.Dx()
	s.rows = grow(s.rows, 2*n)
	for i, y := range s.ys {
		row := c.row(seen.Min.Y+i, seen.Min.X, seen.Max.X)
		b := s.rows[:n]
		if y.n > 1 {
			s.mean(pixels, w, y)
		} else {
			s.scaleRow(s.rows[:n], pixels, w, y.first)
			if y.part > 0 {
				b = s.rows[n : 2*n]
				s.scaleRow(b, pixels, w, y.first+1)
			}
		}
		below := uint32(y.part)
		for x, v := range s.rows[:n] {
			v := (uint32(v)*(256-below) + uint32(b[x])*below + 1<<15) >> 16
			p := row[4*x : 4*x+4 : 4*x+4]
			binary.LittleEndian.PutUint32(p, uint32(mix(Color(binary.LittleEndian.Uint32(p)), m[byte(v)], alpha)))
		}
	}
}

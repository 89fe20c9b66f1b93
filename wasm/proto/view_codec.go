package proto

import (
	"encoding/binary"
	"math"
)

// Each message's read follows its write. Both list the same fields in the same order.

func (m *ViewOverview) write(w *viewWriter) {
	w.u32(m.Trace)
	w.picture(m.Photo)
	w.u32(len(m.Filters))
	for _, f := range m.Filters {
		w.picture(f)
	}
	w.tiles(m.Stem)
	w.u32(len(m.Blocks))
	for i := range m.Blocks {
		b := &m.Blocks[i]
		w.text(b.Name)
		w.u16(b.Stage)
		w.u16(b.Height)
		w.u16(b.Width)
		w.u32(b.Channels)
		w.flag(b.Projection)
		w.f32(b.NormX)
		w.f32(b.NormF)
		w.f32(b.NormY)
		w.f32(b.Cosine)
		w.tiles(b.Tiles)
	}
	w.scale(m.Features.Scale)
	w.u32(len(m.Features.Bytes))
	w.bytes(m.Features.Bytes)
	w.u32(len(m.Top))
	for _, c := range m.Top {
		w.u32(c.Index)
		w.f32(c.Probability)
		w.text(c.Label)
	}
}

func (m *ViewOverview) read(r *viewReader) {
	m.Trace = r.u32()
	m.Photo = r.picture()
	m.Filters = make([]ViewPicture, r.count(4))
	for i := range m.Filters {
		m.Filters[i] = r.picture()
	}
	m.Stem = r.tiles()
	m.Blocks = make([]ViewBlock, r.count(37))
	for i := range m.Blocks {
		b := &m.Blocks[i]
		b.Name = r.text()
		b.Stage = r.u16()
		b.Height = r.u16()
		b.Width = r.u16()
		b.Channels = r.u32()
		b.Projection = r.flag()
		b.NormX = r.f32()
		b.NormF = r.f32()
		b.NormY = r.f32()
		b.Cosine = r.f32()
		b.Tiles = r.tiles()
	}
	m.Features.Scale = r.scale()
	m.Features.Bytes = r.bytes(r.count(1))
	m.Top = make([]ViewClass, r.count(10))
	for i := range m.Top {
		m.Top[i] = ViewClass{r.u32(), r.f32(), r.text()}
	}
}

func (m *ViewChannels) write(w *viewWriter) {
	m.ViewRequest.write(w)
	w.u32(m.Total)
	w.u16(m.Height)
	w.u16(m.Width)
	w.u32(len(m.Channels))
	for _, c := range m.Channels {
		w.u32(int(c))
	}
	for t := range Tensors {
		w.scale(m.Scales[t])
		w.bytes(m.Maps[t])
	}
}

func (m *ViewChannels) read(r *viewReader) {
	m.ViewRequest.read(r)
	m.Total = r.u32()
	m.Height = r.u16()
	m.Width = r.u16()
	m.Channels = make([]uint32, r.count(4))
	for i := range m.Channels {
		m.Channels[i] = uint32(r.u32())
	}
	for t := range Tensors {
		m.Scales[t] = r.scale()
		m.Maps[t] = r.bytes(len(m.Channels) * m.Height * m.Width)
	}
}

func (m *ViewRequest) write(w *viewWriter) {
	w.u32(m.Trace)
	w.u32(m.Block)
	*w = append(*w, byte(m.Sort))
	w.u32(m.Class)
	w.u32(m.First)
	w.u32(m.Count)
	w.u32(m.Containing)
}

func (m *ViewRequest) read(r *viewReader) {
	m.Trace = r.u32()
	m.Block = r.u32()
	m.Sort = ViewSort(r.byte())
	m.Class = r.u32()
	m.First = r.u32()
	m.Count = r.u32()
	m.Containing = r.u32()
}

func (m *ViewOverlay) write(w *viewWriter) {
	w.u32(m.Trace)
	w.u16(m.Height)
	w.u16(m.Width)
	w.scale(m.Scale)
	w.bytes(m.Map)
}

func (m *ViewOverlay) read(r *viewReader) {
	m.Trace = r.u32()
	m.Height = r.u16()
	m.Width = r.u16()
	m.Scale = r.scale()
	m.Map = r.bytes(m.Height * m.Width)
}

func (m *ViewSweep) write(w *viewWriter) {
	w.u32(m.Trace)
	w.u32(m.Class)
	w.f32(m.Base)
	w.u32(len(m.Without))
	for _, p := range m.Without {
		w.f32(p)
	}
}

func (m *ViewSweep) read(r *viewReader) {
	m.Trace = r.u32()
	m.Class = r.u32()
	m.Base = r.f32()
	m.Without = make([]float32, r.count(4))
	for i := range m.Without {
		m.Without[i] = r.f32()
	}
}

// viewWriter appends fields.
type viewWriter []byte

func (w *viewWriter) u16(v int)      { *w = binary.LittleEndian.AppendUint16(*w, uint16(v)) }
func (w *viewWriter) u32(v int)      { *w = binary.LittleEndian.AppendUint32(*w, uint32(v)) }
func (w *viewWriter) f32(v float32)  { *w = binary.LittleEndian.AppendUint32(*w, math.Float32bits(v)) }
func (w *viewWriter) bytes(b []byte) { *w = append(*w, b...) }

func (w *viewWriter) flag(v bool) {
	if v {
		*w = append(*w, 1)
	} else {
		*w = append(*w, 0)
	}
}

func (w *viewWriter) text(s string) {
	w.u16(len(s))
	*w = append(*w, s...)
}

func (w *viewWriter) scale(s ViewScale) {
	w.f32(s.Lo)
	w.f32(s.Hi)
}

func (w *viewWriter) picture(p ViewPicture) {
	w.u16(p.Height)
	w.u16(p.Width)
	w.bytes(p.RGB)
}

func (w *viewWriter) tiles(t ViewTiles) {
	w.u16(t.Height)
	w.u16(t.Width)
	w.u32(len(t.Tiles))
	for _, tile := range t.Tiles {
		w.u32(tile.Channel)
		w.scale(tile.Scale)
		w.bytes(tile.Map)
	}
}

// viewReader takes fields off the front of b. After the first error it returns zeros.
type viewReader struct {
	b   []byte
	err error
}

// bytes takes the next n bytes. The slice's capacity ends there, so that an append cannot overwrite what follows.
func (r *viewReader) bytes(n int) []byte {
	if r.err == nil && (n < 0 || n > len(r.b)) { // n < 0: a product that overflows an int of 32 bits
		r.err = errViewShort
	}
	if r.err != nil {
		return nil
	}
	head := r.b[:n:n]
	r.b = r.b[n:]
	return head
}

// count takes the length of a list whose items have at least size bytes. It refuses a length that b cannot hold, so
// that a hostile message cannot make the reader allocate much.
func (r *viewReader) count(size int) int {
	n := r.u32()
	if r.err == nil && n > len(r.b)/size {
		r.err = errViewShort
	}
	if r.err != nil {
		return 0
	}
	return n
}

func (r *viewReader) byte() byte {
	if b := r.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

// flag accepts 0 and 1 only, so that each message has only one encoding.
func (r *viewReader) flag() bool {
	v := r.byte()
	if r.err == nil && v > 1 {
		r.err = errViewFlag
	}
	return v == 1
}

func (r *viewReader) u16() int {
	if b := r.bytes(2); b != nil {
		return int(binary.LittleEndian.Uint16(b))
	}
	return 0
}

func (r *viewReader) u32() int {
	v := r.bits()
	if r.err == nil && v > math.MaxInt32 {
		r.err = errViewInt
		return 0
	}
	return int(v)
}

func (r *viewReader) bits() uint32 {
	if b := r.bytes(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *viewReader) f32() float32     { return math.Float32frombits(r.bits()) }
func (r *viewReader) text() string     { return string(r.bytes(r.u16())) }
func (r *viewReader) scale() ViewScale { return ViewScale{r.f32(), r.f32()} }

func (r *viewReader) picture() ViewPicture {
	p := ViewPicture{Height: r.u16(), Width: r.u16()}
	p.RGB = r.bytes(3 * p.Height * p.Width)
	return p
}

func (r *viewReader) tiles() ViewTiles {
	t := ViewTiles{Height: r.u16(), Width: r.u16()}
	t.Tiles = make([]ViewTile, r.count(12))
	for i := range t.Tiles {
		t.Tiles[i] = ViewTile{r.u32(), r.scale(), r.bytes(t.Height * t.Width)}
	}
	return t
}

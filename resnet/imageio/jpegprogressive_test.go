//go:build !js

package imageio

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image/jpeg"
	"math/bits"
	"math/rand/v2"
	"strings"
	"testing"
)

// A jpegPart is a component that is written: its sampling factors, and its blocks, row by row. A row and a column may
// be more than the picture needs: they fill up the MCUs.
type jpegPart struct {
	h, v, across, down int // in blocks: the sampling, and what a scan of this component alone has
	stride             int // blocks from a row to the next
	blocks             [][64]int
}

// progressiveWriter writes the scans of a progressive file. The codes of its Huffman tables are the values 0 to 127 in
// 8 bits, and the others in 9 bits.
type progressiveWriter struct {
	file     []byte
	bits     uint64
	n        int // bits that are not in file yet
	run      int // blocks that end early
	pending  []int
	interval int
}

func (w *progressiveWriter) put(value, n int) {
	for i := n - 1; i >= 0; i-- {
		w.bits = w.bits<<1 | uint64(value>>i&1)
		if w.n++; w.n == 8 {
			w.file = append(w.file, byte(w.bits))
			if byte(w.bits) == 0xff {
				w.file = append(w.file, 0)
			}
			w.n = 0
		}
	}
}

func (w *progressiveWriter) code(value int) {
	if value < 128 {
		w.put(value, 8)
	} else {
		w.put(value+128, 9)
	}
}

// flush writes the run of blocks that end early, with the bits that refine them.
func (w *progressiveWriter) flush() {
	if w.run == 0 {
		return
	}
	n := bits.Len(uint(w.run)) - 1
	w.code(n << 4)
	w.put(w.run, n)
	for _, bit := range w.pending {
		w.put(bit, 1)
	}
	w.run, w.pending = 0, nil
}

// align ends the data of a scan or of a restart interval.
func (w *progressiveWriter) align() {
	w.flush()
	if w.n > 0 {
		w.put(0xff, 8-w.n)
	}
}

func (w *progressiveWriter) restart(unit int) {
	if w.interval > 0 && unit > 0 && unit%w.interval == 0 {
		w.align()
		w.file = append(w.file, 0xff, byte(0xd0+(unit/w.interval-1)%8))
	}
}

// value writes the extra bits of a value, which tell its sign, too.
func (w *progressiveWriter) value(v, size int) {
	if v < 0 {
		v += 1<<size - 1
	}
	w.put(v, size)
}

// shifted is a coefficient without its n lowest bits.
func shifted(v, n int) int {
	if v < 0 {
		return -(-v >> n)
	}
	return v >> n
}

// band writes a block's coefficients from first to last, as a scan does that gives their bits from high-1 to low.
func (w *progressiveWriter) band(block *[64]int, first, last, high, low int) {
	zeros, final := 0, first-1
	for k := first; k <= last; k++ {
		if v := shifted(block[k], low); v != 0 && (high == 0 || shifted(block[k], high) == 0) {
			final = k // the last coefficient that this scan makes other than zero
		}
	}
	var refined []int
	for k := first; k <= last; k++ {
		v := shifted(block[k], low)
		switch {
		case high > 0 && shifted(block[k], high) != 0:
			if v < 0 {
				v = -v
			}
			refined = append(refined, v&1)
		case k > final:
		case v == 0 && zeros < 15:
			zeros++
		default:
			w.flush()
			size := bits.Len(uint(max(v, -v)))
			w.code(zeros<<4 | size)
			w.value(v, size)
			for _, bit := range refined {
				w.put(bit, 1)
			}
			zeros, refined = 0, nil
		}
	}
	if final < last {
		w.run++
		w.pending = append(w.pending, refined...)
	}
}

// alone writes a scan of one component.
func (w *progressiveWriter) alone(p *jpegPart, id, first, last, high, low int) {
	header := fmt.Sprintf("\x01%c\x00%c%c%c", id, first, last, high<<4|low)
	w.file = append(w.file, jpegSegment(markSOS, header)...)
	for unit := range p.across * p.down {
		w.restart(unit)
		w.band(&p.blocks[unit/p.across*p.stride+unit%p.across], first, last, high, low)
	}
	w.align()
}

// dc writes a scan of the first coefficients of all components.
func (w *progressiveWriter) dc(parts []*jpegPart, units, unitsAcross, high, low int) {
	header := string(rune(len(parts)))
	for id := range parts {
		header += fmt.Sprintf("%c\x00", id+1)
	}
	w.file = append(w.file, jpegSegment(markSOS, header+"\x00\x00"+string([]byte{byte(high<<4 | low)}))...)
	before := make([]int, len(parts))
	for unit := range units {
		w.restart(unit)
		if w.interval > 0 && unit%w.interval == 0 {
			clear(before)
		}
		for c, p := range parts {
			for k := range p.h * p.v {
				row, column := unit/unitsAcross*p.v+k/p.h, unit%unitsAcross*p.h+k%p.h
				v := p.blocks[row*p.stride+column][0] >> low
				if high > 0 {
					w.put(v&1, 1)
					continue
				}
				d := v - before[c]
				before[c] = v
				size := bits.Len(uint(max(d, -d)))
				w.code(size)
				w.value(d, size)
			}
		}
	}
	w.align()
}

// progressive is a file of random coefficients with the scans that libjpeg writes: the last one refines the brightness.
// Its sampling is given for each component.
func progressive(t *testing.T, sampling [][2]int, interval int) []byte {
	t.Helper()
	const width, height = 33, 17 // the last MCUs have blocks that are outside
	random := rand.New(rand.NewPCG(3, uint64(len(sampling)+interval)))
	most := sampling[0]
	unitsAcross, unitsDown := ceilDiv(width, 8*most[0]), ceilDiv(height, 8*most[1])
	frame := []byte{8, 0, height, 0, width, byte(len(sampling))}
	var parts []*jpegPart
	for id, s := range sampling {
		frame = append(frame, byte(id+1), byte(s[0]<<4|s[1]), 0)
		p := &jpegPart{h: s[0], v: s[1], stride: unitsAcross * s[0],
			across: ceilDiv(ceilDiv(width*s[0], most[0]), 8), down: ceilDiv(ceilDiv(height*s[1], most[1]), 8)}
		p.blocks = make([][64]int, p.stride*unitsDown*s[1])
		for i := range p.blocks {
			p.blocks[i][0] = random.IntN(200) - 100
			for k := 1; k < 64 && i%4 > 0; k++ {
				if random.IntN(1+k/2) < 3 {
					p.blocks[i][k] = random.IntN(19) - 9
				}
			}
		}
		parts = append(parts, p)
	}
	values := make([]byte, 256)
	for i := range values {
		values[i] = byte(i)
	}
	none := strings.Repeat("\x00", 7)
	w := &progressiveWriter{file: []byte("\xff\xd8"), interval: interval}
	w.file = append(w.file, jpegSegment(0xdb, "\x00"+string(bytes.Repeat([]byte{3}, 64)))...)
	w.file = append(w.file, jpegSegment(markSOF2, string(frame))...)
	w.file = append(w.file, jpegSegment(markDHT, "\x00"+none+"\x10\x00"+none+string(values[:16]))...)
	w.file = append(w.file, jpegSegment(markDHT, "\x10"+none+"\x80\x80"+none+string(values))...)
	w.file = append(w.file, jpegSegment(markDRI, string([]byte{0, byte(interval)}))...)
	w.dc(parts, unitsAcross*unitsDown, unitsAcross, 0, 1)
	for c := len(parts) - 1; c >= 0; c-- {
		w.alone(parts[c], c+1, 1, 5, 0, 2)
		w.alone(parts[c], c+1, 6, 63, 0, 2)
		w.alone(parts[c], c+1, 1, 63, 2, 1)
	}
	w.dc(parts, unitsAcross*unitsDown, unitsAcross, 1, 0)
	for c := len(parts) - 1; c >= 0; c-- {
		w.alone(parts[c], c+1, 1, 63, 1, 0)
	}
	return append(w.file, 0xff, markEOI)
}

// A file that ends with its last scan is the whole picture, and one that ends before is not, however little is missing.
func TestJPEGWithoutEnd(t *testing.T) {
	colour, half, grey := [][2]int{{1, 1}, {1, 1}, {1, 1}}, [][2]int{{2, 2}, {1, 1}, {1, 1}}, [][2]int{{1, 1}}
	files := map[string][]byte{
		"baseline":               encoded(t, JPEG),
		"baseline with restarts": restarting(t),
		"of Pillow":              goldenFile(t, "JPEG progressive"),
		"4:4:4":                  progressive(t, colour, 0),
		"4:2:0":                  progressive(t, half, 0),
		"grey":                   progressive(t, grey, 0),
		"4:4:4 with restarts":    progressive(t, colour, 4),
		"grey with restarts":     progressive(t, grey, 5),
	}
	for name, file := range files {
		t.Run(name, func(t *testing.T) {
			if _, err := jpeg.Decode(bytes.NewReader(file)); err != nil {
				t.Fatal(err) // the test itself writes a wrong file
			}
			want, err := Decode(file)
			if err != nil {
				t.Fatal(err)
			}
			end := len(file) - 2
			for _, tail := range []string{"", "\xff", "\x00\x00\x00", "text"} {
				got, err := Decode(append(bytes.Clone(file[:end]), tail...))
				if err != nil || !bytes.Equal(got.Pix, want.Pix) {
					t.Errorf("with %q for an end marker: %v, or another picture", tail, err)
				}
			}
			for missing := 1; missing <= 64; missing++ {
				if err := Complete(file[:end-missing], JPEG); err == nil {
					t.Errorf("%d bytes are missing, which was not found", missing)
				}
			}
			for i := bytes.LastIndex(file, []byte{0xff, markSOS}); i > 0; {
				if err := Complete(file[:i], JPEG); err == nil {
					t.Errorf("the scans from byte %d on are missing, which was not found", i)
				}
				i = bytes.LastIndex(file[:i], []byte{0xff, markSOS})
			}
		})
	}
}

// In a scan of one component a restart interval counts blocks. Go's decoder counts MCUs there, and refuses this file.
func TestRestartsOfBlocks(t *testing.T) {
	file := progressive(t, [][2]int{{2, 2}, {1, 1}, {1, 1}}, 3)
	end := len(file) - 2
	if got := jpegScansEnd(file[:end]); got != end {
		t.Errorf("the picture ends at byte %d, want %d", got, end)
	}
	if err := Complete(file[:end-1], JPEG); err == nil {
		t.Error("a byte is missing, which was not found")
	}
}

// Scans that do not come one after the other, as bits of coefficients must, are not taken for the whole picture.
func TestProgressiveScanOrder(t *testing.T) {
	file := progressive(t, [][2]int{{1, 1}}, 0)
	last := bytes.LastIndex(file, []byte{0xff, markSOS})
	scan := last + 2 + int(binary.BigEndian.Uint16(file[last+2:]))
	for name, header := range map[string]string{
		"twice the same":           "\x01\x3f\x21",
		"more than one bit":        "\x01\x3f\x20",
		"from behind to the front": "\x3f\x01\x10",
		"of 65 coefficients":       "\x01\x40\x10",
		"of the first and others":  "\x00\x3f\x10",
	} {
		changed := bytes.Clone(file[:len(file)-2])
		copy(changed[scan-3:], header)
		if Complete(changed, JPEG) == nil {
			t.Errorf("%s: it passes", name)
		}
	}
}

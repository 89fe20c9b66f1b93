//go:build !js

package imageio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"

	"golang.org/x/image/webp"
)

// decodeWebP decodes a still picture or the first frame of an animation. golang.org/x/image does not support
// animations.
func decodeWebP(b []byte) (image.Image, error) {
	still, at, err := webpFirstFrame(b)
	if err != nil {
		return nil, err
	}
	img, err := webp.Decode(bytes.NewReader(still))
	if err != nil {
		return nil, err
	}
	switch m := img.(type) {
	case *image.YCbCr:
		out := ycbcrToRGB(m, studioRange)
		out.Rect = out.Rect.Add(at)
		return out, nil
	case *image.NYCbCrA:
		out := ycbcrToRGB(&m.YCbCr, studioRange)
		for i := range out.Pix[:len(out.Pix)/4] {
			x, y := i%out.Rect.Dx(), i/out.Rect.Dx()
			out.Pix[4*i+3] = m.A[y*m.AStride+x]
		}
		out.Rect = out.Rect.Add(at)
		return out, nil
	case *image.NRGBA:
		m.Rect = m.Rect.Add(at)
		return m, nil
	}
	return nil, errors.New("webp: unknown kind of picture")
}

// webpFirstFrame returns b itself if it is a still picture. For an animation it returns the first frame as a still
// picture and its position on the page (RFC 9649, section 2.7.1).
func webpFirstFrame(b []byte) (still []byte, at image.Point, err error) {
	const animated, alpha = 1 << 1, 1 << 4
	if string(b[riffHeader:riffHeader+4]) != "VP8X" || b[riffHeader+chunkHeader]&animated == 0 {
		return b, image.Point{}, nil
	}
	frame, err := riffChunk(b[riffHeader:], "ANMF")
	if err != nil {
		return nil, image.Point{}, err
	}
	const frameHeader = 16 // x/2, y/2, width-1, height-1, duration: 3 each; flags
	if len(frame) < frameHeader {
		return nil, image.Point{}, errors.New("webp: a frame is too short")
	}
	at = image.Pt(2*int(uint24(frame)), 2*int(uint24(frame[3:])))
	data := frame[frameHeader:]
	page := b[riffHeader+chunkHeader:]
	right, bottom := at.X+int(uint24(frame[6:])), at.Y+int(uint24(frame[9:]))
	if right > int(uint24(page[4:])) || bottom > int(uint24(page[7:])) {
		return nil, image.Point{}, errors.New("webp: a frame reaches beyond the page")
	}

	extended := make([]byte, 10) // flags, reserved: 3, width-1, height-1
	if bytes.HasPrefix(data, []byte("ALPH")) {
		extended[0] = alpha
	}
	copy(extended[4:], frame[6:12])
	still = append(still, "RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00"...)
	still = append(still, extended...)
	still = append(still, data...)
	binary.LittleEndian.PutUint32(still[4:], uint32(len(still)-8))
	return still, at, nil
}

// riffChunk returns the data of the first chunk called name.
func riffChunk(b []byte, name string) ([]byte, error) {
	for len(b) >= chunkHeader {
		n := int64(binary.LittleEndian.Uint32(b[4:]))
		if n > int64(len(b)-chunkHeader) {
			return nil, errors.New("webp: a chunk reaches beyond the file")
		}
		data := b[chunkHeader : chunkHeader+n]
		if string(b[:4]) == name {
			return data, nil
		}
		b = b[min(chunkHeader+n+n&1, int64(len(b))):] // padded to an even length
	}
	return nil, errors.New("webp: a chunk is missing")
}

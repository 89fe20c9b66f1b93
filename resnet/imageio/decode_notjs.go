//go:build !js

package imageio

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/tiff"
)

// decoders lists Go's decoders. It does not exist under js/wasm.
var decoders = map[Format]func(file []byte) (image.Image, error){
	JPEG: decodeJPEG,
	PNG:  func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) },
	GIF:  func(b []byte) (image.Image, error) { return gif.Decode(bytes.NewReader(b)) },
	BMP:  decodeBMP,
	TIFF: func(b []byte) (image.Image, error) { return tiff.Decode(bytes.NewReader(b)) },
	WebP: decodeWebP,
}

// decodeJPEG converts YCbCr pictures itself (see ycbcrToRGB), and leaves grey, RGB and CMYK ones to the caller.
func decodeJPEG(b []byte) (image.Image, error) {
	img, err := jpeg.Decode(bytes.NewReader(b))
	if m, ok := img.(*image.YCbCr); ok && err == nil {
		return ycbcrToRGB(m, fullRange), nil
	}
	return img, err
}

// Decode decodes a picture file: the first frame, turned as its EXIF orientation says, on a white background. Every
// pixel of the result is opaque. Colour profiles are not applied.
//
// Decode returns an *Error for a file that it refuses. It checks the declared size before it allocates pixels.
func Decode(file []byte) (*image.NRGBA, error) {
	h, err := Sniff(file, int64(len(file)))
	if err != nil {
		return nil, err
	}
	decode := decoders[h.Format]
	if decode == nil {
		return nil, Unsupported(h.Format)
	}
	if err := Complete(file, h.Format); err != nil {
		return nil, err
	}
	whole := Mend(file, h.Format)
	img, err := guard(h.Format, whole, decode)
	if err != nil {
		tidied := tidy(whole, h.Format)
		if tidied == nil {
			return nil, err
		}
		var stillBad error
		if img, stillBad = guard(h.Format, tidied, decode); stillBad != nil {
			return nil, err
		}
	}
	return orient(flatten(img, h), orientation(file, h.Format)), nil
}

// guard runs a decoder, and turns errors and panics into an *Error.
func guard(f Format, file []byte, decode func([]byte) (image.Image, error)) (img image.Image, err error) {
	defer func() {
		if p := recover(); p != nil {
			img, err = nil, Broken(f, fmt.Sprint(p))
		}
	}()
	img, err = decode(file)
	if err == nil {
		return img, nil
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || err == errShort {
		return nil, Truncated(f)
	}
	if feature := missingFeature(err); feature != "" {
		return nil, Unsupported(Format(fmt.Sprintf("%s (feature: %s)", f, feature)))
	}
	return nil, Broken(f, err.Error())
}

// missingFeature names the feature that the decoder lacks, if err says that the file is sound but not supported; else
// "".
func missingFeature(err error) string {
	var (
		inJPEG jpeg.UnsupportedError
		inPNG  png.UnsupportedError
		inTIFF tiff.UnsupportedError
	)
	switch {
	case errors.As(err, &inJPEG):
		return string(inJPEG)
	case errors.As(err, &inPNG):
		return string(inPNG)
	case errors.As(err, &inTIFF):
		return string(inTIFF)
	case errors.Is(err, errBMPKind):
		return "depth or compression"
	}
	return ""
}

// flatten draws img on a white page of the declared size. A frame of an animation may be smaller than the page and lie
// anywhere on it.
func flatten(img image.Image, h Header) *image.NRGBA {
	bounds := image.Rect(0, 0, h.Width, h.Height)
	o, ok := img.(interface{ Opaque() bool })
	covers := ok && img.Bounds() == bounds && o.Opaque()
	if m, ok := img.(*image.NRGBA); ok && covers && m.Stride == 4*h.Width {
		return m
	}
	// draw has a fast path for RGBA. Every pixel ends opaque, so the bytes are those of an NRGBA too.
	page := image.NewRGBA(bounds)
	op := draw.Src
	if !covers {
		draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
		op = draw.Over
	}
	draw.Draw(page, img.Bounds(), img, img.Bounds().Min, op)
	return &image.NRGBA{Pix: page.Pix, Stride: page.Stride, Rect: page.Rect}
}

//go:build js

package main

import (
	"context"
	"errors"
	"maps"
	"syscall/js"

	"github.com/seed8935e608/residua/resnet/imageio"
	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/wasm/proto"
)

// picture is an image that is prepared for the network.
type picture struct {
	key   int    // the request's
	rgb   []byte // what the network gets of it, height × width × 3
	input []float32
	image proto.Image
	ms    proto.Timing
}

// timing is how long it took to prepare the picture, the first time that it is asked for: later requests do not prepare
// it again.
func (p *picture) timing() proto.Timing {
	ms := p.ms
	p.ms = proto.Timing{}
	return ms
}

// picture gives a request's picture, which may be the last one or the one that the view shows.
func (e *engine) picture(r request) (*picture, error) {
	for _, p := range []*picture{e.last, e.view.picture} {
		if p == nil || r.key == 0 || p.key != r.key {
			continue
		}
		if isA(r.image, "ImageBitmap") {
			r.image.Call("close") // the engine's own copy, which it does not need
		}
		e.last = p
		return p, nil
	}
	return e.newPicture(r)
}

// newPicture decodes and prepares a request's picture.
func (e *engine) newPicture(r request) (*picture, error) {
	p, err := e.prepare(r.ctx, r.image)
	if err != nil {
		return nil, err
	}
	p.key = r.key
	e.last = p
	return p, nil
}

// prepare converts a Blob, an ImageBitmap or an ImageData to the network's input.
func (e *engine) prepare(ctx context.Context, image js.Value) (*picture, error) {
	var p picture
	start := jsbridge.Now()
	source, format, err := e.canvas.decode(ctx, image)
	if err != nil {
		return nil, err
	}
	if isA(source, "ImageBitmap") {
		defer source.Call("close")
	}
	p.image = proto.Image{Format: string(format), Width: source.Get("width").Int(), Height: source.Get("height").Int()}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	decoded := jsbridge.Now()
	p.rgb, err = e.canvas.crop(source, p.image.Width, p.image.Height, imageio.SpecFor(e.model.Card))
	if err != nil {
		return nil, err
	}
	p.input = make([]float32, len(p.rgb))
	e.normalise(p.input, p.rgb)
	p.ms.Decode, p.ms.Preprocess = decoded-start, jsbridge.Now()-decoded
	return &p, nil
}

// normalise converts the network's picture to its input.
func (e *engine) normalise(dst []float32, rgb []byte) {
	imageio.SpecFor(e.model.Card).Normalise(dst, rgb)
}

// fileOptions are how a file is decoded: turned as its EXIF orientation says, and without its colour profile, because
// the network was trained without. Alpha is not premultiplied, which saves a rounding; a browser that ignores that
// option gets translucent pictures wrong by at most one of 255.
var fileOptions = map[string]any{
	"imageOrientation": "from-image", "colorSpaceConversion": "none", "premultiplyAlpha": "none",
}

// bitmapOf makes an ImageBitmap. Older browsers refuse option values that they do not know with a TypeError. Then it
// tries without the newest option, and then without all.
func bitmapOf(image js.Value, options map[string]any) (bitmap js.Value, err error) {
	fewer := maps.Clone(options)
	delete(fewer, "imageOrientation")
	for _, some := range []map[string]any{options, fewer, {}} {
		bitmap, err = jsbridge.Try(func() js.Value { return js.Global().Call("createImageBitmap", image, some) })
		if err == nil {
			bitmap, err = jsbridge.Await(bitmap)
		}
		var thrown *jsbridge.Error
		if err == nil || !errors.As(err, &thrown) || thrown.Name != "TypeError" {
			return bitmap, err
		}
	}
	return js.Undefined(), err
}

// isA reports whether a value is an instance of a JavaScript class. The browser may lack the class.
func isA(v js.Value, class string) bool {
	c := js.Global().Get(class)
	return v.Type() == js.TypeObject && c.Type() == js.TypeFunction && v.InstanceOf(c)
}

// hasCanvas reports whether this worker can decode pictures and read their pixels. If not, the page does so and sends
// an ImageData.
func hasCanvas() bool {
	for _, name := range []string{"OffscreenCanvas", "createImageBitmap"} {
		if js.Global().Get(name).Type() != js.TypeFunction {
			return false
		}
	}
	return true
}

// noCanvas is the error by which the page knows that it has to send pixels (residua.js).
func noCanvas() *proto.Error {
	return &proto.Error{
		Code:    proto.CodeUnsupportedBrowser,
		Message: "This browser lacks OffscreenCanvas in workers. Use a current Chrome, Edge, Firefox or Safari.",
		Details: map[string]string{"missing": "OffscreenCanvas"},
	}
}

// decode makes an ImageBitmap of what the page has sent; without a canvas an ImageData stays one. A file goes to the
// browser's decoder only if it is sound as far as that shows without decoding.
func (c *canvas) decode(ctx context.Context, image js.Value) (js.Value, imageio.Format, error) {
	switch {
	case isA(image, "ImageData") && !hasCanvas():
		return image, "", nil
	case isA(image, "ImageData"):
		bitmap, err := bitmapOf(image, map[string]any{"premultiplyAlpha": "none"})
		return bitmap, "", err
	case isA(image, "ImageBitmap") && !hasCanvas():
		image.Call("close")
		return js.Undefined(), "", noCanvas()
	case isA(image, "ImageBitmap"):
		return image, "", nil
	case isA(image, "Blob"):
		file, format, err := readSound(image)
		if err == nil {
			err = ctx.Err()
		}
		if err == nil && !hasCanvas() {
			err = noCanvas()
		}
		if err != nil {
			return js.Undefined(), "", err
		}
		bitmap, err := bitmapOf(mended(image, file, format), fileOptions)
		switch {
		case err == nil:
			return c.upright(bitmap, file, format), format, nil
		case format == imageio.TIFF || format == imageio.AVIF:
			return js.Undefined(), "", imageio.Unsupported(format) // not every browser decodes these
		}
		warn("createImageBitmap", err)
		return js.Undefined(), "", imageio.Broken(format, "the browser cannot decode it")
	}
	return js.Undefined(), "", badArgument("an image must be a Blob, an ImageBitmap or an ImageData")
}

// mended returns a Blob that strict decoders take: image itself, unless something has to be mended.
func mended(image js.Value, file []byte, format imageio.Format) js.Value {
	whole := imageio.Mend(file, format)
	if len(whole) == len(file) && &whole[0] == &file[0] {
		return image
	}
	return js.Global().Get("Blob").New([]any{jsbridge.TypedArray(whole)})
}

// warn writes to the console what does not help the user.
func warn(what string, err error) { js.Global().Get("console").Call("warn", what+": "+err.Error()) }

// reason is the message of a JavaScript error, without its class.
func reason(err error) string {
	var thrown *jsbridge.Error
	if errors.As(err, &thrown) {
		return thrown.Message
	}
	return err.Error()
}

// readSound reads a file, and returns an error if it should not be decoded.
func readSound(blob js.Value) (file []byte, format imageio.Format, err error) {
	size := int64(blob.Get("size").Float())
	head, err := read(blob, min(size, 4096))
	if err != nil {
		return nil, "", err
	}
	header, err := imageio.Sniff(head, size)
	if err != nil && !errors.Is(err, imageio.ErrNeedMore) {
		return nil, "", err
	}
	if file, err = read(blob, size); err != nil {
		return nil, "", err
	}
	if header, err = imageio.Sniff(file, size); err != nil {
		return nil, "", err
	}
	return file, header.Format, imageio.Complete(file, header.Format)
}

// read copies the first n bytes of a Blob.
func read(blob js.Value, n int64) ([]byte, error) {
	buffer, err := jsbridge.Await(blob.Call("slice", 0, n).Call("arrayBuffer"))
	if err != nil {
		// The file is a folder, or was moved or deleted after the user chose it.
		warn("read", err)
		return nil, &proto.Error{
			Code:    proto.CodeBrokenImage,
			Message: "The file cannot be read any more. Choose it again.",
			Details: map[string]string{"format": "file", "reason": "it cannot be read any more"},
		}
	}
	b := make([]byte, n)
	js.CopyBytesToGo(b, js.Global().Get("Uint8Array").New(buffer))
	return b, nil
}

// stripBytes limits the pixels that are copied to Go at a time.
const stripBytes = 1 << 20

// canvas is the canvas on which strips are drawn. A new one for each photo would stay until JavaScript's garbage
// collector runs.
type canvas struct {
	element, context js.Value
	width, height    int
	tried, turns     bool // whether the browser was tested for turning photos, and whether it does
}

// fit makes the canvas at least this large. It does not grow a canvas in both directions, which might make it much
// larger than any strip, but replaces it.
func (c *canvas) fit(width, height int) {
	if width <= c.width && height <= c.height {
		return
	}
	c.width, c.height = width, height
	c.element = js.Global().Get("OffscreenCanvas").New(c.width, c.height)
	c.context = c.element.Call("getContext", "2d", map[string]any{"willReadFrequently": true})
	c.context.Set("fillStyle", "white")
}

// crop resizes and crops an ImageBitmap as the model wants it, to bytes of RGB. It draws the picture in strips on a
// small white canvas: a photo of 64 megapixels would otherwise take 256 MB twice. The pixels of an ImageData are used
// directly.
func (c *canvas) crop(source js.Value, width, height int, spec imageio.Spec) ([]byte, error) {
	if isA(source, "ImageData") {
		return cropData(source.Get("data"), width, height, spec), nil
	}
	r := spec.Resizer(width, height)
	x0, x1, y0, y1 := r.Source()
	wide := x1 - x0
	high := min(max(1, stripBytes/(4*wide)), y1-y0)
	c.fit(wide, high)
	strip := make([]byte, 4*wide*high)
	for y := y0; y < y1; y += high {
		n := min(high, y1-y)
		c.context.Call("fillRect", 0, 0, wide, n)
		c.context.Call("drawImage", source, x0, y, wide, n, 0, 0, wide, n)
		pixels, err := jsbridge.Try(func() js.Value {
			return c.context.Call("getImageData", 0, 0, wide, n).Get("data")
		})
		if err != nil {
			warn("getImageData", err)
			return nil, imageio.Broken("picture", "its pixels cannot be read")
		}
		// The pixels are left to JavaScript's garbage collector, which counts them. Detached (jsbridge.Free), they no
		// longer count, but Chromium keeps them as long as the ImageData: a gigabyte after a thousand photos.
		js.CopyBytesToGo(strip, pixels) // accepts a Uint8ClampedArray
		r.Rows(y, strip[:4*wide*n], n)
	}
	rgb := make([]byte, r.Len())
	r.Finish(rgb)
	return rgb, nil
}

// cropData is crop for the pixels of an ImageData: R, G, B and alpha.
func cropData(data js.Value, width, height int, spec imageio.Spec) []byte {
	r := spec.Resizer(width, height)
	x0, x1, y0, y1 := r.Source()
	high := min(max(1, stripBytes/(4*width)), y1-y0)
	strip := make([]byte, 4*width*high)
	for y := y0; y < y1; y += high {
		n := min(high, y1-y)
		js.CopyBytesToGo(strip, data.Call("subarray", 4*y*width, 4*(y+n)*width))
		for k := range n {
			row := strip[4*(k*width+x0) : 4*(k*width+x1)]
			layOnWhite(row)
			r.Rows(y+k, row, 1)
		}
	}
	rgb := make([]byte, r.Len())
	r.Finish(rgb)
	return rgb
}

// layOnWhite composes translucent pixels on white.
func layOnWhite(pix []byte) {
	for ; len(pix) > 0; pix = pix[4:] {
		alpha := int(pix[3])
		if alpha == 255 {
			continue
		}
		for k := range 3 {
			pix[k] = byte((int(pix[k])*alpha + 255*(255-alpha) + 127) / 255)
		}
	}
}

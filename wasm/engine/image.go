//go:build js

package main

import (
	"context"
	"errors"
	"syscall/js"

	"github.com/seed8935e608/residua/resnet/imageio"
	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/wasm/proto"
)

// picture is an image on its way into the network.
type picture struct {
	key   int    // of the request
	rgb   []byte // the square that the network sees
	input []float32
	image proto.Image
	ms    proto.Timing
}

// picture gives a request's picture: the last one or the one that the view shows, if it is one of these.
func (e *engine) picture(r request) (*picture, error) {
	for _, p := range []*picture{e.last, e.view.picture} {
		if p == nil || r.key == 0 || p.key != r.key {
			continue
		}
		if r.image.InstanceOf(js.Global().Get("ImageBitmap")) {
			r.image.Call("close") // a copy that is the engine's, and not needed
		}
		e.last = p
		return p, nil
	}
	return e.newPicture(r)
}

// newPicture prepares a request's picture.
func (e *engine) newPicture(r request) (*picture, error) {
	p, err := e.prepare(r.ctx, r.image)
	if err != nil {
		return nil, err
	}
	p.key = r.key
	e.last = p
	return p, nil
}

// prepare makes the network's input of a Blob, an ImageBitmap or an ImageData.
func (e *engine) prepare(ctx context.Context, image js.Value) (*picture, error) {
	var p picture
	start := jsbridge.Now()
	bitmap, format, err := decode(ctx, image)
	if err != nil {
		return nil, err
	}
	defer bitmap.Call("close")
	p.image = proto.Image{Format: string(format), Width: bitmap.Get("width").Int(), Height: bitmap.Get("height").Int()}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	decoded := jsbridge.Now()
	p.rgb, err = e.canvas.crop(bitmap, p.image.Width, p.image.Height, e.model.Card.ShortSide, e.model.Card.InputSize)
	if err != nil {
		return nil, err
	}
	p.input = make([]float32, len(p.rgb))
	e.normalise(p.input, p.rgb)
	p.ms.Decode, p.ms.Preprocess = decoded-start, jsbridge.Now()-decoded
	return &p, nil
}

// normalise makes the network's input of the square that it sees.
func (e *engine) normalise(dst []float32, rgb []byte) {
	card := e.model.Card
	imageio.Normalise(dst, rgb, imageio.ChannelOrder(card.ChannelOrder), card.Rescale, card.Mean, card.Std)
}

// decode makes an ImageBitmap of whatever the page sent. The browser's decoder gets only files that are sound so far as can be
// told without decoding, and turns them as their EXIF orientation says. Colour profiles are not applied: the photos that the network
// was trained on were read without them.
func decode(ctx context.Context, image js.Value) (js.Value, imageio.Format, error) {
	createImageBitmap := func(options map[string]any) (js.Value, error) {
		promise, err := jsbridge.Try(func() js.Value { return js.Global().Call("createImageBitmap", image, options) })
		if err != nil {
			return js.Undefined(), err
		}
		return jsbridge.Await(promise)
	}
	is := func(class string) bool { return image.InstanceOf(js.Global().Get(class)) }
	switch {
	case image.Type() != js.TypeObject:
	case is("ImageBitmap"):
		return image, "", nil
	case is("ImageData"):
		bitmap, err := createImageBitmap(map[string]any{"premultiplyAlpha": "none"})
		return bitmap, "", err
	case is("Blob"):
		format, err := inspect(image)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return js.Undefined(), "", err
		}
		bitmap, err := createImageBitmap(map[string]any{
			"imageOrientation": "from-image", "colorSpaceConversion": "none", "premultiplyAlpha": "none",
		})
		if err != nil && (format == imageio.TIFF || format == imageio.AVIF) {
			err = imageio.Unsupported(format) // not every browser reads these
		} else if err != nil {
			err = imageio.Broken(format, reason(err))
		}
		return bitmap, format, err
	}
	return js.Undefined(), "", badArgument("an image must be a Blob, an ImageBitmap or an ImageData")
}

// reason is what a JavaScript error says, without its class.
func reason(err error) string {
	var thrown *jsbridge.Error
	if errors.As(err, &thrown) {
		return thrown.Message
	}
	return err.Error()
}

// inspect reads a file and refuses what should not be decoded.
func inspect(blob js.Value) (imageio.Format, error) {
	size := int64(blob.Get("size").Float())
	head, err := read(blob, min(size, 4096))
	if err != nil {
		return "", err
	}
	header, err := imageio.Sniff(head, size)
	if err != nil && !errors.Is(err, imageio.ErrNeedMore) {
		return "", err
	}
	file, err := read(blob, size)
	if err != nil {
		return "", err
	}
	if header, err = imageio.Sniff(file, size); err != nil {
		return "", err
	}
	return header.Format, imageio.Complete(file, header.Format)
}

// read copies the first n bytes of a Blob.
func read(blob js.Value, n int64) ([]byte, error) {
	buffer, err := jsbridge.Await(blob.Call("slice", 0, n).Call("arrayBuffer"))
	if err != nil {
		// A file that was moved or deleted after it had been chosen, and a folder, end here.
		return nil, &proto.Error{
			Code:    proto.CodeBrokenImage,
			Message: "The file cannot be read any more (" + reason(err) + "). Choose it again.",
			Details: map[string]string{"format": "file", "reason": reason(err)},
		}
	}
	defer jsbridge.Free(buffer)
	b := make([]byte, n)
	js.CopyBytesToGo(b, js.Global().Get("Uint8Array").New(buffer))
	return b, nil
}

// stripBytes bounds the pixels that are copied to Go at a time.
const stripBytes = 1 << 20

// canvas is the one on which strips are drawn. A canvas for each photo would stay until JavaScript's collector comes by.
type canvas struct {
	element, context js.Value
	width, height    int
}

// fit makes the canvas at least so large. One that was made for another shape of photo is not kept: grown both ways
// it might become much larger than any strip.
func (c *canvas) fit(width, height int) {
	if width <= c.width && height <= c.height {
		return
	}
	c.width, c.height = width, height
	c.element = js.Global().Get("OffscreenCanvas").New(c.width, c.height)
	c.context = c.element.Call("getContext", "2d", map[string]any{"willReadFrequently": true})
	c.context.Set("fillStyle", "white")
}

// crop shrinks a bitmap to its short side and cuts the middle square out, as bytes in RGB. It goes through the picture in strips,
// laid on white, on a small canvas: a photo of 64 megapixels would otherwise take 256 MB twice.
func (c *canvas) crop(bitmap js.Value, width, height, shortSide, size int) ([]byte, error) {
	r := imageio.NewCropResizer(width, height, shortSide, size)
	x0, x1, y0, y1 := r.Source()
	wide := x1 - x0
	high := min(max(1, stripBytes/(4*wide)), y1-y0)
	c.fit(wide, high)
	strip := make([]byte, 4*wide*high)
	for y := y0; y < y1; y += high {
		n := min(high, y1-y)
		c.context.Call("fillRect", 0, 0, wide, n)
		c.context.Call("drawImage", bitmap, x0, y, wide, n, 0, 0, wide, n)
		pixels, err := jsbridge.Try(func() js.Value { return c.context.Call("getImageData", 0, 0, wide, n).Get("data") })
		if err != nil {
			return nil, imageio.Broken("picture", reason(err))
		}
		js.CopyBytesToGo(strip, pixels) // it takes a Uint8ClampedArray as it is
		jsbridge.Free(pixels.Get("buffer"))
		r.Rows(y, strip[:4*wide*n], n)
	}
	rgb := make([]byte, 3*size*size)
	r.Finish(rgb)
	return rgb, nil
}

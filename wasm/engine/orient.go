//go:build js

package main

import (
	"encoding/base64"
	"syscall/js"

	"github.com/seed8935e608/residua/resnet/imageio"
	"github.com/seed8935e608/residua/wasm/jsbridge"
)

// lying is a JPEG file of 2×1 pixels with EXIF orientation 6: upright it is 1×2.
const lying = "/9j/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAD/2wCEAP//////////////////////////////////////////" +
	"//////////////////////////////////////////8B////////////////////////////////////////////////////////" +
	"///////////////////////////////AAAsIAAEAAgEBEQD/xADSAAABBQEBAQEBAQAAAAAAAAAAAQIDBAUGBwgJCgsQAAIBAwMC" +
	"BAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElK" +
	"U1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY" +
	"2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAAgBAQAAPwCOv//Z"

// turnsPhotos reports whether the browser's decoder turns photos as their EXIF orientation says. Browsers that ignore
// the option give no error, so it has to be tested.
func turnsPhotos() bool {
	file, err := base64.StdEncoding.DecodeString(lying)
	if err != nil {
		panic(err)
	}
	blob := js.Global().Get("Blob").New([]any{jsbridge.TypedArray(file)}, map[string]any{"type": "image/jpeg"})
	bitmap, err := bitmapOf(blob, fileOptions)
	if err != nil {
		return true // it cannot decode this file, so nothing is known
	}
	defer bitmap.Call("close")
	return bitmap.Get("height").Int() == 2
}

// turned draws a photo upright that has EXIF orientation o and that the browser has not turned. It closes bitmap.
func turned(bitmap js.Value, o int) js.Value {
	w, h := bitmap.Get("width").Int(), bitmap.Get("height").Int()
	// The transform of a point: x' = a·x + c·y + e, y' = b·x + d·y + f.
	m, ok := map[int][6]int{
		2: {-1, 0, 0, 1, w, 0},  // flipped
		3: {-1, 0, 0, -1, w, h}, // upside down
		4: {1, 0, 0, -1, 0, h},  // flipped and upside down
		5: {0, 1, 1, 0, 0, 0},   // flipped, then turned a quarter anticlockwise
		6: {0, 1, -1, 0, h, 0},  // to be turned a quarter clockwise
		7: {0, -1, -1, 0, h, w}, // flipped, then turned a quarter clockwise
		8: {0, -1, 1, 0, 0, w},  // to be turned a quarter anticlockwise
	}[o]
	if !ok {
		return bitmap
	}
	defer bitmap.Call("close")
	if o >= 5 {
		w, h = h, w
	}
	canvas := js.Global().Get("OffscreenCanvas").New(w, h)
	context := canvas.Call("getContext", "2d")
	context.Call("setTransform", m[0], m[1], m[2], m[3], m[4], m[5])
	context.Call("drawImage", bitmap, 0, 0)
	return canvas.Call("transferToImageBitmap")
}

// upright turns a decoded file if the browser's decoder has not done so.
func (c *canvas) upright(bitmap js.Value, file []byte, format imageio.Format) js.Value {
	if format != imageio.JPEG { // cameras write these
		return bitmap
	}
	o := imageio.Orientation(file)
	if o == 1 {
		return bitmap
	}
	if !c.tried {
		c.tried, c.turns = true, turnsPhotos()
	}
	if c.turns {
		return bitmap
	}
	return turned(bitmap, o)
}

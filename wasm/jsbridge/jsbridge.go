//go:build js

// Package jsbridge has the helpers round syscall/js that the WebAssembly programs share: promises, bytes and errors.
package jsbridge

import (
	"fmt"
	"io"
	"syscall/js"
	"time"
	"unsafe"
)

// Error is a JavaScript exception.
type Error struct {
	Name    string // "TypeError", "AbortError", …
	Message string
}

func (e *Error) Error() string { return e.Name + ": " + e.Message }

// errorOf converts whatever was thrown.
func errorOf(v js.Value) *Error {
	if v.Type() == js.TypeObject && v.Get("message").Type() == js.TypeString {
		return &Error{v.Get("name").String(), v.Get("message").String()}
	}
	return &Error{"Error", fmt.Sprint(v)}
}

// Await waits for a promise, and returns an *Error if it is rejected. Only the calling goroutine blocks; the worker's
// event loop goes on.
func Await(promise js.Value) (js.Value, error) {
	type outcome struct {
		value js.Value
		err   error
	}
	settled := make(chan outcome, 1)
	first := func(args []js.Value) js.Value {
		if len(args) == 0 {
			return js.Undefined()
		}
		return args[0]
	}
	resolve := js.FuncOf(func(_ js.Value, args []js.Value) any {
		settled <- outcome{value: first(args)}
		return nil
	})
	defer resolve.Release()
	reject := js.FuncOf(func(_ js.Value, args []js.Value) any {
		settled <- outcome{err: errorOf(first(args))}
		return nil
	})
	defer reject.Release()
	promise.Call("then", resolve, reject)
	o := <-settled
	return o.value, o.err
}

// TimeoutError is the name of the error of a promise that was awaited for too long.
const TimeoutError = "TimeoutError"

// AwaitFor waits for a promise for at most limit, after which it returns a TimeoutError.
func AwaitFor(limit time.Duration, promise js.Value) (js.Value, error) {
	type outcome struct {
		value js.Value
		err   error
	}
	settled := make(chan outcome, 1)
	go func() {
		value, err := Await(promise)
		settled <- outcome{value, err}
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case o := <-settled:
		return o.value, o.err
	case <-timer.C:
		return js.Undefined(), &Error{TimeoutError, fmt.Sprintf("nothing came for %v", limit)}
	}
}

// Try calls a function that may throw, and returns the exception as an error.
func Try(call func() js.Value) (v js.Value, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case js.Error:
			err = errorOf(r.Value)
		default:
			panic(r)
		}
	}()
	return call(), nil
}

// A Number is an element type of typed arrays.
type Number interface{ uint8 | uint16 | float32 }

// class is the name of the typed array class for T.
func class[T Number]() string {
	switch any(T(0)).(type) {
	case uint8:
		return "Uint8Array"
	case uint16:
		return "Uint16Array"
	}
	return "Float32Array"
}

// bytesOf is the memory of x as bytes.
func bytesOf[T Number](x []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(x)*int(unsafe.Sizeof(T(0))))
}

// TypedArray copies x into a new typed array with an ArrayBuffer of its own.
func TypedArray[T Number](x []T) js.Value {
	bytes := bytesOf(x)
	to := js.Global().Get("Uint8Array").New(len(bytes))
	js.CopyBytesToJS(to, bytes)
	return js.Global().Get(class[T]()).New(to.Get("buffer"))
}

// Numbers copies a typed array of T to Go. ok is false for any other value.
func Numbers[T Number](v js.Value) (x []T, ok bool) {
	if v.Type() != js.TypeObject || !v.InstanceOf(js.Global().Get(class[T]())) {
		return nil, false
	}
	x = make([]T, v.Get("length").Int())
	CopyNumbers(x, v, 0)
	return x, true
}

// CopyNumbers copies len(dst) elements of a typed array of T, from index at on, to dst.
func CopyNumbers[T Number](dst []T, from js.Value, at int) {
	bytes := bytesOf(dst)
	offset := from.Get("byteOffset").Int() + at*int(unsafe.Sizeof(T(0)))
	js.CopyBytesToGo(bytes, js.Global().Get("Uint8Array").New(from.Get("buffer"), offset, len(bytes)))
}

// IsNumbers reports whether v is a typed array of n elements of T.
func IsNumbers[T Number](v js.Value, n int) bool {
	return v.Type() == js.TypeObject && v.InstanceOf(js.Global().Get(class[T]())) && v.Get("length").Int() == n
}

// Free releases the memory of an ArrayBuffer at once where the browser can (ArrayBuffer.prototype.transfer, since
// 2024). JavaScript's garbage collector counts buffers late: the pieces of a model's file would pile up. It is not for
// what belongs to another object, such as an ImageData, which then keeps memory that nobody counts.
func Free(buffer js.Value) {
	if buffer.Get("transfer").Type() == js.TypeFunction {
		buffer.Call("transfer", 0)
	}
}

// An ArrayWriter fills a Uint8Array, so that what is written need not be whole in Go's memory.
type ArrayWriter struct {
	Array js.Value
	at    int
}

// NewArrayWriter makes the array, which has to be as long as what will be written. JavaScript's memory may be too small
// for it.
func NewArrayWriter(size int64) (*ArrayWriter, error) {
	array, err := Try(func() js.Value { return js.Global().Get("Uint8Array").New(size) })
	return &ArrayWriter{Array: array}, err
}

// Write has no error, unless more is written than there is room for.
func (w *ArrayWriter) Write(p []byte) (int, error) {
	n := js.CopyBytesToJS(w.Array.Call("subarray", w.at), p)
	w.at += n
	if n < len(p) {
		return n, io.ErrShortWrite
	}
	return n, nil
}

// Now is the time in milliseconds since the worker started.
func Now() float64 { return js.Global().Get("performance").Call("now").Float() }

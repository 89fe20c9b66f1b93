//go:build js

package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"maps"
	"strings"
	"syscall/js"

	"github.com/seed8935e608/residua/internal/errtext"
	"github.com/seed8935e608/residua/resnet/modelfile"
	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/wasm/proto"
	"github.com/seed8935e608/residua/weights"
)

const (
	// aboutName is a file beside the manifest of a user's model: its entry in the list of models, and what was assumed.
	aboutName = "about.json"

	// maxOwn limits the file of a user's model, in bytes: the file and the packed weights must fit the engine's 1 GiB.
	// ResNeXt-101 64×4d, torchvision's second largest network, has 334 MB in float32.
	maxOwn = 350e6
	// maxSide limits a JSON file beside it, in bytes.
	maxSide = 4 << 20
	// pieceBytes is how much is read at a time. A Blob is copied through a JavaScript buffer, which should not have the
	// size of the file.
	pieceBytes = 8 << 20
)

// openFiles recognises the network in the first of some Blobs; the others describe it. It reads little of a file that
// is not a network.
func openFiles(ctx context.Context, args proto.Load, files js.Value, progress func(proto.Progress)) (source, error) {
	file := files.Index(0)
	size := int64(file.Get("size").Float())
	if err := admit(file, size); err != nil {
		return source{}, err
	}
	options := modelfile.Options{Name: nameOf(file)}
	for i := 1; i < files.Length(); i++ {
		side := files.Index(i)
		if n := side.Get("size").Int(); n > maxSide {
			err := fmt.Errorf("%.80q has %d bytes, and at most %d are read of a file beside the weights", nameOf(side),
				n, maxSide)
			return source{}, badFile(err)
		}
		data, err := readAll(ctx, side, nil)
		if err != nil {
			return source{}, err
		}
		options.Sides = append(options.Sides, modelfile.Side{Name: nameOf(side), Data: data})
	}
	content, err := readAll(ctx, file, func(n int64) {
		progress(proto.Progress{Phase: proto.PhaseRead, Loaded: n, Total: size})
	})
	if err != nil {
		return source{}, err
	}
	opened, err := modelfile.Open(content, options)
	if err != nil {
		return source{}, badFile(err)
	}
	s := source{name: ownName(opened.Card.Model, content), file: opened.File, size: size, own: true, fresh: true,
		notes: []proto.Note{}}
	for _, n := range opened.Notes {
		s.notes = append(s.notes, proto.Note{Code: n.Code, Value: n.Value})
	}
	return s, nil
}

// admit checks a file's size and first bytes.
func admit(file js.Value, size int64) error {
	if size > maxOwn {
		return badFile(fmt.Errorf("it has %.0f MB, and at most %.0f MB are read; saved as float16 it has half",
			float64(size)/1e6, maxOwn/1e6))
	}
	head, err := readAll(context.Background(), file.Call("slice", 0, min(size, 4096)), nil)
	if err != nil {
		return err
	}
	switch modelfile.Sniff(head) {
	case modelfile.Safetensors, modelfile.ONNX:
		return nil
	}
	_, err = modelfile.Open(head, modelfile.Options{Name: nameOf(file)}) // the error says what the file is instead
	return badFile(err)
}

// ownName is the name of a user's model: its card's name and a checksum, so that another file with the same name is
// another model.
func ownName(model string, file []byte) string {
	sum := fmt.Sprintf("-%08x", crc32.ChecksumIEEE(file))
	model = strings.TrimSuffix(strings.TrimPrefix(model, ownPrefix), sum)
	return ownPrefix + model[:min(len(model), 40)] + sum
}

// nameOf is a file's name; a Blob that is not a File has none.
func nameOf(blob js.Value) string {
	if name := blob.Get("name"); name.Type() == js.TypeString {
		return name.String()
	}
	return "model"
}

// readAll copies a Blob to Go, piece by piece. read may be nil; it is called with the number of bytes so far.
func readAll(ctx context.Context, blob js.Value, read func(n int64)) ([]byte, error) {
	b := make([]byte, int(blob.Get("size").Float()))
	for at := 0; at < len(b); at += pieceBytes {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		end := min(at+pieceBytes, len(b))
		buffer, err := jsbridge.Await(blob.Call("slice", at, end).Call("arrayBuffer"))
		if err != nil {
			warn("read", err)
			return nil, badFile(errors.New("it cannot be read any more; choose it again"))
		}
		js.CopyBytesToGo(b[at:end], js.Global().Get("Uint8Array").New(buffer))
		jsbridge.Free(buffer)
		if read != nil {
			read(int64(end))
		}
	}
	return b, nil
}

// keepOwn stores a user's new model in the cache, in the form of downloaded ones. It returns the file's size there and
// whether all of it is stored. If there is no room for all of it, it removes the part.
func keepOwn(ctx context.Context, models string, s source, about proto.About) (size int64, kept bool) {
	into := newModelCache(models, s.name)
	cache, ok := into.open()
	if !ok {
		return s.size, false
	}
	w := &shardWriter{ctx: ctx, into: into, cache: cache, sum: sha256.New(), shard: make([]byte, 0, weights.MaxShard)}
	if w.keepAll(s.file, about) != nil {
		into.sweep(cache, weights.Manifest{})
		return s.size, false
	}
	return w.manifest.Size, true
}

// shardWriter stores what is written to it in the cache, shard by shard, so that memory never holds a second copy of
// the file.
type shardWriter struct {
	ctx      context.Context
	into     *modelCache
	cache    js.Value
	manifest weights.Manifest
	sum      hash.Hash // of the whole file
	shard    []byte    // the one that is being filled
}

var errNoRoom = errors.New("the cache has no room")

func (w *shardWriter) Write(p []byte) (int, error) {
	w.sum.Write(p)
	for rest := p; len(rest) > 0; {
		n := min(len(rest), weights.MaxShard-len(w.shard))
		w.shard, rest = append(w.shard, rest[:n]...), rest[n:]
		if len(w.shard) == weights.MaxShard {
			if err := w.flush(); err != nil {
				return 0, err
			}
		}
	}
	return len(p), nil
}

// flush stores the shard.
func (w *shardWriter) flush() error {
	if len(w.shard) == 0 {
		return nil
	}
	pause(0) // a cancel may be waiting
	if err := w.ctx.Err(); err != nil {
		return err
	}
	m := &w.manifest
	body := jsbridge.TypedArray(w.shard)
	defer jsbridge.Free(body.Get("buffer"))
	digest := digestOf(body)
	shard := weights.Shard{Name: fmt.Sprintf("%s-%02d-%s.bin", w.into.name, len(m.Shards), digest[:12]),
		Size: int64(len(w.shard)), SHA256: digest}
	if !w.into.keep(w.cache, shard.Name, body) {
		return errNoRoom
	}
	m.Shards, m.Size, w.shard = append(m.Shards, shard), m.Size+shard.Size, w.shard[:0]
	return nil
}

// keepAll stores the shards and then the rest. The manifest comes last, so that it exists only if there was room for
// all.
func (w *shardWriter) keepAll(file *weights.File, about proto.About) error {
	if err := file.Write(w); err != nil {
		return err
	}
	if err := w.flush(); err != nil {
		return err
	}
	m := &w.manifest
	m.Version, m.Model, m.File = weights.ManifestVersion, w.into.name, w.into.name+".safetensors"
	m.SHA256 = hex.EncodeToString(w.sum.Sum(nil))
	about.Bytes = m.Size
	text, err := json.Marshal(about)
	if err != nil {
		return err
	}
	manifest, err := m.Encode()
	if err != nil {
		return err
	}
	if !w.into.keep(w.cache, aboutName, jsbridge.TypedArray(text)) ||
		!w.into.keep(w.cache, manifestName, jsbridge.TypedArray(manifest)) {
		return errNoRoom
	}
	return nil
}

// notes gives what was assumed when a user's model was opened.
func (s *modelCache) notes() []proto.Note {
	cache, cached := s.open()
	kept, ok := s.match(cache, cached, aboutName)
	var about proto.About
	if !ok || json.Unmarshal(copyToGo(kept), &about) != nil {
		return []proto.Note{}
	}
	return about.Notes
}

func badFile(err error) *proto.Error {
	reason := errtext.Clause(err)
	details := map[string]string{"reason": reason}
	var refusal *modelfile.Refusal
	if errors.As(err, &refusal) && refusal.Why != "" {
		maps.Copy(details, refusal.Values)
		details["why"] = string(refusal.Why)
	}
	return &proto.Error{
		Code:    proto.CodeBadModelFile,
		Message: "The file cannot be used as a model: " + reason + ".",
		Details: details,
	}
}

func notKept(name string) *proto.Error {
	return &proto.Error{
		Code:    proto.CodeNotKept,
		Message: fmt.Sprintf("The model %s is not on this device any more. Choose its file again.", name),
		Details: map[string]string{"name": name},
	}
}

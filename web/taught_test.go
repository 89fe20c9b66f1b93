package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/web"
)

// keeper is a Store that keeps only the last share.
type keeper struct{ data []byte }

func (k *keeper) Get(context.Context, string) ([]byte, error) { return k.data, nil }

func (k *keeper) Put(_ context.Context, _ string, data []byte, _ time.Time) (bool, error) {
	k.data = data
	return true, nil
}

// A file of resnet/transfer is accepted, and is canonical already: both packages write the same bytes.
func TestTaughtIsShared(t *testing.T) {
	const d = 2048
	numbers := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = 0.5 + float32(i%31)/32
		}
		return x
	}
	classes := []string{"cat & dog", "小鸟", `"quoted"`}
	n := len(classes)
	for name, threshold := range map[string]*transfer.Threshold{
		"with a threshold":      {D: d, Means: numbers(n * d), Limit: 0.41, Keep: 0.95, N: 30},
		"a class without means": {D: d, Means: numbers((n - 1) * d), Limit: 0.41, Keep: 0.95, N: 30},
		"without a threshold":   nil,
	} {
		taught := transfer.Taught{Model: "resnet50", Classes: classes, Head: &transfer.Head{
			Classes: n, D: d, Mean: numbers(d), Std: numbers(d), W: numbers(n * d), B: numbers(n), L2: 0.0123,
			Temperature: 1.7, Threshold: threshold,
		}}
		file, err := taught.Encode()
		if err != nil {
			t.Fatal(err)
		}
		kept := &keeper{}
		h := web.Handler(nil, web.Shares{Store: kept, Admit: func(*http.Request) (func(), bool) {
			return func() {}, true
		}})
		r := httptest.NewRequest("POST", "/api/share", strings.NewReader(string(file)))
		r.Header.Set("Content-Type", "application/octet-stream")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 201 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		} else if string(kept.data) != string(file) {
			t.Errorf("%s: other bytes are kept than were written", name)
		}
	}
}
